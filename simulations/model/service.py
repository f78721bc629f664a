"""What each step costs, measured elsewhere: the one input of the model that no experiment file holds."""

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from shared.documents.types import ApiVersion, Bytes, Count, Document, Fraction, Name
from shared.errors import DocumentError, SettingsError
from simulations.experiment.document import Tier

Cost = Annotated[float, Meta(ge=0, le=3600)]
Spread = Annotated[float, Meta(ge=0, le=3)]
FULL_REPLICATION = 3


class TierService(Document, frozen=True, kw_only=True):
    """Means in seconds, and bytes on the wire, of one tier's agents and broker.

    A micro-batch of n records costs `infer_s + n * infer_record_s` on the inference thread. The event loop takes it
    (`take_*`: decode), sends it (`send_*`: decide, encode, produce) and commits it. A record can be taken `fetch_s`
    after the broker appended it, which took `append_s` from the request's arrival, with three brokers `replicate_s`
    more. `record_bytes` is what arrives here, `answer_bytes` what leaves an exit. `exit_share`: of the records that
    arrive, where the experiment plants none. `spread` of computing and sending, `fetch_spread` and `append_spread`: the
    standard deviations of their logarithms, which other work on the machine gives them.
    """

    infer_s: Cost
    infer_record_s: Cost
    take_s: Cost = 0.0
    take_record_s: Cost = 0.0
    send_s: Cost = 0.0
    send_record_s: Cost = 0.0
    commit_s: Cost = 0.0
    fetch_s: Cost = 0.0
    spread: Spread = 0.0
    fetch_spread: Spread = 0.0
    append_s: Cost = 0.0
    append_spread: Spread = 0.0
    append_record_s: Cost = 0.0
    replicate_s: Cost = 0.0
    record_bytes: Bytes = 1024
    answer_bytes: Bytes = 512
    exit_share: Fraction = 0.5

    def appended_after_s(self, tier: Tier) -> float:
        return self.append_s + (self.replicate_s if tier.brokers == FULL_REPLICATION else 0.0)


class ServiceTimes(Document, frozen=True, kw_only=True):
    """`full_batches`: how many full micro-batches' records one agent has under way at most. `measured` says where the
    numbers come from.

    `session_s`: how long the Kafka partitions of a killed agent lie idle. `failover_s`: how long those of a killed
    broker do, where there are three. `uplink_deadline_s`: after it a forwarded batch goes to the spool, or is answered.
    `client_record_s`: from due to sent. `listen_s`: from an answer's arrival until its client knows it.
    """

    api_version: ApiVersion
    kind: Literal["service-times"]
    tiers: dict[Name, TierService]
    measured: str = ""
    client_record_s: Cost = 0.0
    listen_s: Cost = 0.0
    listen_spread: Spread = 0.0
    full_batches: Count = 4
    session_s: Cost = 6.0
    agent_start_s: Cost = 0.6
    broker_start_s: Cost = 3.0
    failover_s: Cost = 8.7
    uplink_deadline_s: Cost = 5.0

    def of(self, tier: str) -> TierService:
        """Raises DocumentError when this tier was not measured."""
        try:
            return self.tiers[tier]
        except KeyError:
            known = ", ".join(self.tiers) or "none"
            raise DocumentError(f"has no service times of tier {tier!r}, only of {known}", field="tiers") from None


# One agent on LiteRT, one broker, two cores: the hops of docs/benchmarks.md. What a batch costs as a whole is the cost
# of a batch of one less that of one record in 256.
BENCH = TierService(
    infer_s=50e-6,
    infer_record_s=124e-6,
    take_s=45e-6,
    take_record_s=2.5e-6,
    send_s=55e-6,
    send_record_s=14e-6,
    commit_s=660e-6,
    fetch_s=500e-6,
    append_s=600e-6,
)


def from_bench(tiers: tuple[Tier, ...]) -> ServiceTimes:
    """The same agent at every tier. Good for orders of magnitude; a fit to a run of one's own replaces it."""
    return ServiceTimes(
        api_version="fogline/v1",
        kind="service-times",
        tiers={tier.name: BENCH for tier in tiers},
        measured="docs/benchmarks.md: one agent with the CIFAR-10 edge sub-model at every tier",
    )


def encode(times: ServiceTimes) -> bytes:
    return msgspec.json.format(msgspec.json.encode(times), indent=2) + b"\n"


def decode(text: bytes) -> ServiceTimes:
    """Raises DocumentError."""
    try:
        return msgspec.json.decode(text, type=ServiceTimes)
    except msgspec.DecodeError as error:
        raise DocumentError(str(error)) from error


def load(path: Path) -> ServiceTimes:
    """Raises SettingsError when the file cannot be read, DocumentError when it says something else."""
    try:
        return decode(path.read_bytes())
    except OSError as error:
        raise SettingsError(f"cannot read the service times {path}: {error.strerror}") from error
    except DocumentError as error:
        raise DocumentError(f"{path}: {error.reason}", field=error.field) from error
