"""An experiment's federation for real: a Kafka broker, an agent and trainers for every site, on this machine.

Sites take the time they take: `speeds` are of virtual time alone. Everything that is decided is read as it falls, and
given to the simulated coordinator afterwards, which must come to the same models.
"""

import asyncio
import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic

import numpy as np

from shared.client import Client
from shared.documents import CONTROL_TOPIC, Cluster, Framework, NetworkSource, SourceFile
from shared.documents.federation import FEDERATED_CONTROL_TOPIC
from shared.documents.federation_workloads import FederationView
from shared.documents.types import Message
from shared.errors import DocumentError, FoglineError, UnavailableError
from shared.storage import storage_errors
from shared.streams.encoding import RawEncoder
from shared.streams.purpose import Purpose
from shared.streams.sending import StreamSender
from simulations.experiment.quantities import Bandwidth
from simulations.federation import lenet
from simulations.federation.document import FederationExperiment
from simulations.federation.read import FederationFile
from simulations.federation.real_document import EVALUATION, document, site_names
from simulations.federation.real_following import Attended, to_its_end
from simulations.federation.real_sites import COORDINATOR, RealSites
from simulations.federation.recorded import Recording, simulated
from simulations.federation.records import Records, dealt, load
from simulations.kafka.cluster import KafkaCluster
from simulations.kafka.config import Door
from simulations.links.running import Shaper
from simulations.links.settings import LineSettings, LinkSettings, RouteSettings, ShaperSettings
from simulations.programs import await_condition
from simulations.stack import Say

_ENROLLED_DEADLINE_S = 120.0
_ANNOUNCED_TO = 1
_TOPIC = "records"
_BLOCK = 1000
_SITE_BYTES = 1_000_000_000


class UnlikeModelsError(FoglineError):
    """The simulated coordinator, given the same updates in the same order, made other models."""


class RealOutcome(Message, frozen=True, kw_only=True):
    """`seconds`: from the document's acceptance to the end. `same_models`: so many did the simulated coordinator make
    again, to the byte: all of them.
    """

    name: str
    digest: str
    seed: int
    seconds: float
    same_models: int
    federation: FederationView


def run(found: FederationFile, seed: int, folder: Path, *, say: Say) -> RealOutcome:
    """What programs wrote and models are made of goes into `folder`.

    Raises DocumentError for what only simulated sites can do, UnlikeModelsError, and what starting them may raise.
    """
    experiment = found.experiment
    federation = document(experiment, seed)
    _require_room(experiment.sites)
    train, test = load(experiment.data, found.folder)
    rows = dealt(experiment.data, train.truth, experiment.sites, seed)
    with _sites(experiment, folder, say) as sites, sites.stack.client() as client:
        _enrol(client, experiment)
        _register(client, experiment, found.folder)
        say("giving the sites their data")
        for site, those in zip(site_names(experiment), rows, strict=True):
            part = Records(train.inputs[those], train.truth[those])
            _announce(sites.cluster(site), part, Purpose(request=_ANNOUNCED_TO, control_topic=FEDERATED_CONTROL_TOPIC))
        judging = Purpose(request=EVALUATION, control_topic=CONTROL_TOPIC, validation_rate=0.5, test_rate=0.45)
        _announce(sites.platform, test, judging)
        client.federations.put(federation)
        began_s = monotonic()
        attended = Attended(experiment=experiment, sites=sites, client=client, say=say, began_s=began_s)
        view, kept = asyncio.run(to_its_end(attended, sites.platform, folder / "kept"))
        seconds = monotonic() - began_s
    _require_same(kept, view)
    return RealOutcome(
        name=experiment.name,
        digest=found.digest,
        seed=seed,
        seconds=seconds,
        same_models=len(kept.published),
        federation=view,
    )


def _require_room(sites: int) -> None:
    room = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if sites * _SITE_BYTES > room:
        raise DocumentError(
            f"{sites} brokers with an agent and a trainer each need {sites * _SITE_BYTES / 1e9:,.0f} GB, and this "
            f"machine has {room / 1e9:,.0f}",
            field="sites",
        )


@contextmanager
def _sites(experiment: FederationExperiment, folder: Path, say: Say) -> Iterator[RealSites]:
    """Behind links of their own where the experiment has some."""
    names = site_names(experiment)
    joining = experiment.absence.joining
    with ExitStack() as open_:
        doors = names if experiment.link.up or experiment.link.down else ()
        say("starting the platform's Kafka")
        platform = open_.enter_context(KafkaCluster(doors=doors))
        seen = {}
        if doors:
            at = {name: platform.doors(name)[0] for name in names}
            open_.enter_context(Shaper(_shaped(experiment, at), log=folder / "links.log"))
            seen = {name: f"127.0.0.1:{door.advertised}" for name, door in at.items()}
        yield open_.enter_context(
            RealSites(
                folder,
                sites=names,
                federations=(experiment.name,),
                later=names[: joining.sites] if joining is not None else (),
                platform_seen=seen,
                bootstrap_servers=platform.bootstrap_servers,
                say=say,
            )
        )


def _shaped(experiment: FederationExperiment, doors: Mapping[str, Door]) -> ShaperSettings:
    link = experiment.link
    up, down = _line(link.up), _line(link.down)
    return ShaperSettings(
        links=tuple(LinkSettings(name=name, up=up, down=down) for name in doors),
        routes=tuple(
            RouteSettings(target_port=door.port, listen_port=door.advertised, links=(name,))
            for name, door in doors.items()
        ),
    )


def _line(bandwidth: Bandwidth | None) -> LineSettings:
    return LineSettings(bandwidth=None if bandwidth is None else float(bandwidth))


def _enrol(client: Client, experiment: FederationExperiment) -> None:
    """Those that begin at once."""
    joining = experiment.absence.joining
    awaited = {COORDINATOR, *site_names(experiment)[joining.sites if joining is not None else 0 :]}
    if not await_condition(
        lambda: awaited <= {one.name for one in client.nodes.list()}, deadline_s=_ENROLLED_DEADLINE_S
    ):
        raise UnavailableError(f"not every agent came within {_ENROLLED_DEADLINE_S:.0f} s: their logs say why")


def _register(client: Client, experiment: FederationExperiment, folder: Path) -> None:
    file = Path(lenet.__file__) if experiment.network is None else folder / experiment.network
    with storage_errors(file):
        content = file.read_bytes()
    client.artifacts.upload(file)
    part = SourceFile(sha256=hashlib.sha256(content).hexdigest(), size_bytes=len(content), file=file.name)
    client.networks.put(NetworkSource(name=experiment.name, framework=Framework.TORCH, files=(part,)))


def _announce(cluster: Cluster, records: Records, purpose: Purpose) -> None:
    """In the bytes of Kafka-ML's sinks."""

    async def send() -> None:
        sender = StreamSender(cluster=cluster, topic=_TOPIC, encoder=RawEncoder(), purpose=purpose)
        labels = records.truth.astype(np.min_scalar_type(int(records.truth.max())))
        async with sender:
            for start in range(0, len(labels), _BLOCK):
                await sender.send(records.inputs[start : start + _BLOCK], labels[start : start + _BLOCK])

    asyncio.run(send())


def _require_same(kept: Recording, view: FederationView) -> None:
    """Of every model, from the first to the last."""
    if [one.round for one in kept.published] != [*range(1, view.progress.round + 1)]:
        raise UnlikeModelsError(f"of {view.progress.round} models only {len(kept.published)} could be made again")
    made = {one.round: one.model for one in simulated(kept, view.federation)}
    unlike = [one.round for one in kept.published if made.get(one.round) != one.model]
    if unlike:
        raise UnlikeModelsError(
            f"of the same updates in the same order the simulated coordinator made another model {unlike[0]}"
        )
