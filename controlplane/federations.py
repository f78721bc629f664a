"""A federation as it is kept, and what its coordinator, operators and time make of it. Pure.

    under way -> ending (its coordinator says a cause, or an operator does) -> finished, cancelled
        |           |
        +-----------+-> failed

Whether it waits, runs or is paused follows from this and from what its coordinator's node says now (federation_views).
Every ending has a deadline; what is under way may last as long as its document lets it.
"""

import msgspec
from msgspec.structs import replace

from shared.documents import ExitScore, NetworkSource, RunFile, VersionName, WorkloadStatus, digest
from shared.documents.federation import Federation
from shared.documents.federation_workloads import FederationOutcome, FederationProgress, FederationState
from shared.documents.training_workloads import StartingPoint

MOST_ENDING_S = 4 * 3600.0
"""A Kafka that is away for an hour at the very end is waited for; a model that never comes is not."""

_BY_OPERATOR = "cancelled by an operator"
_CANCELLED = "cancelled"
"""The cause that a coordinator names for it."""


class Federated(msgspec.Struct, frozen=True, kw_only=True):
    """One edition of a federation. `network` and `start_from` are as when it was put, `noise_key` is drawn once.

    `coordinator`: the node that has that part, or had it last, the `term`th; `waits`: why none has it. `round` and
    `ended` are as the coordinator told; `ending_since` by the steady clock. `end`: the final state; `outcome`: the
    digest of what was handed in. `created_at` and `ended_at` in seconds since the epoch.
    """

    wanted: Federation
    edition: int
    network: NetworkSource
    start_from: StartingPoint | None = None
    noise_key: str = ""
    is_paused: bool = False
    is_cancelled: bool = False
    coordinator: str | None = None
    term: int = 0
    waits: str = ""
    round: int = -1
    ended: str = ""
    ending_since: float | None = None
    end: FederationState | None = None
    reason: str = ""
    outcome: str = ""
    version: VersionName | None = None
    exits: tuple[str, ...] = ()
    test: dict[str, ExitScore] = {}
    files: tuple[RunFile, ...] = ()
    created_at: float
    ended_at: float | None = None

    @property
    def name(self) -> str:
        return self.wanted.name

    @property
    def seated(self) -> str | None:
        """The node that has the coordinator's part now."""
        return None if self.waits else self.coordinator

    @property
    def is_over(self) -> bool:
        return self.end is not None

    @property
    def is_ending(self) -> bool:
        return self.end is None and self.ending_since is not None

    @property
    def is_open(self) -> bool:
        """There is a model."""
        return self.round >= 0


def paused(one: Federated) -> Federated:
    return replace(one, is_paused=True)


def resumed(one: Federated) -> Federated:
    return replace(one, is_paused=False)


def cancelled(one: Federated, *, now: float, wall: float) -> Federated:
    """It ends with the newest model; where there is none yet, at once. `now` by the steady clock."""
    if one.is_over or one.is_cancelled:
        return one
    one = replace(one, is_cancelled=True, ending_since=now if one.ending_since is None else one.ending_since)
    return one if one.is_open else _over(one, FederationState.CANCELLED, _BY_OPERATOR, wall)


def reported(one: Federated, progress: FederationProgress, *, now: float) -> Federated:
    """What its coordinator tells; one that has just taken over may know less than is known here."""
    if one.is_over:
        return one
    ending_since = one.ending_since
    if progress.ended and ending_since is None:
        ending_since = now
    ended = one.ended or progress.ended
    return replace(one, round=max(one.round, progress.round), ended=ended, ending_since=ending_since)


def handed_in(one: Federated, outcome: FederationOutcome, version: VersionName | None, *, wall: float) -> Federated:
    """Its end. `version`: what was made of it, if anything."""
    one = replace(
        one, outcome=digest(outcome), version=version, exits=outcome.exits, test=outcome.test, files=outcome.files
    )
    if one.ended == _CANCELLED or (one.is_cancelled and not one.ended):
        return _over(one, FederationState.CANCELLED, _BY_OPERATOR, wall)
    return _over(one, FederationState.FINISHED, "", wall)


def heard(one: Federated, status: WorkloadStatus | None, *, wall: float) -> Federated:
    """`status` is what the coordinator's node said last of its part."""
    if one.is_over or status is None or not status.for_good:
        return one
    return _over(one, FederationState.FAILED, f"{one.seated}: {status.reason or 'it gave no reason'}", wall)


def aged(one: Federated, *, now: float, wall: float) -> Federated:
    """A clock that was set back while this process was down gives none longer to end than it has from now."""
    if one.is_over or one.ending_since is None:
        return one
    if one.ending_since > now:
        return replace(one, ending_since=now)
    if now < one.ending_since + MOST_ENDING_S:
        return one
    lost = f"its last model was not handed in within {MOST_ENDING_S:,.10g} s"
    if one.is_cancelled:
        return _over(one, FederationState.CANCELLED, f"{_BY_OPERATOR}; {lost}", wall)
    return _over(one, FederationState.FAILED, f"it ended ({one.ended}), and {lost}", wall)


def placed(one: Federated, coordinator: str | None, waits: str, *, is_silent: bool, wall: float) -> Federated:
    """`coordinator` has that part from now on; None: nobody, and `waits` says what must come about.

    `is_silent`: it is not heard from, and nobody else can take the part. What is cancelled waits for neither.
    """
    if one.is_over:
        return one
    if one.is_cancelled and (coordinator is None or is_silent):
        missing = waits if coordinator is None else f"{coordinator} is not heard from"
        reason = f"{_BY_OPERATOR}; its last model was not handed in: {missing}"
        return _over(one, FederationState.CANCELLED, reason, wall)
    if coordinator is None:
        return replace(one, waits=waits)
    is_same = coordinator == one.coordinator
    return replace(one, coordinator=coordinator, term=one.term + (not is_same), waits="")


def next_change_at(one: Federated) -> float | None:
    """When time alone changes something, by the steady clock."""
    return None if one.is_over or one.ending_since is None else one.ending_since + MOST_ENDING_S


def _over(one: Federated, end: FederationState, reason: str, wall: float) -> Federated:
    return replace(one, end=end, reason=reason, waits="", ended_at=wall)
