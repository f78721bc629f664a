"""What to do so that a node runs what it was assigned. Pure: values in, instructions out."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.documents import Phase


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """One workload of the assignment. `revision` is the digest of its document."""

    kind: str
    revision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """One workload that has a runner. `revision` is the last one handed to it, applied or not: a document that could
    not be applied is not offered again and again."""

    kind: str
    revision: str
    phase: Phase


@dataclass(frozen=True, slots=True)
class Start:
    id: str


@dataclass(frozen=True, slots=True)
class Update:
    """Apply a changed document; the runner restarts the workload where its kind cannot do it live."""

    id: str


@dataclass(frozen=True, slots=True)
class Drain:
    id: str


@dataclass(frozen=True, slots=True)
class Forget:
    """It has stopped: drop its runner."""

    id: str


Action = Start | Update | Drain | Forget


def plan(desired: Mapping[str, Desired], running: Mapping[str, Running]) -> tuple[Action, ...]:
    """The actions that bring `running` towards `desired`; none when there is nothing left to do.

    What is draining is left alone: once it has stopped, the next plan forgets it and, if it is wanted again, starts it.
    Drains come first, so that a workload on its way out gives up its memory before another asks for it.
    """
    drains = [action for id, one in running.items() for action in _leaving(id, one, desired.get(id))]
    starts = [action for id, one in desired.items() for action in _coming(id, one, running.get(id))]
    return (*drains, *starts)


def _leaving(id: str, running: Running, desired: Desired | None) -> tuple[Action, ...]:
    if running.phase is Phase.STOPPED:
        return (Forget(id),)
    unwanted = desired is None or desired.kind != running.kind
    return (Drain(id),) if unwanted and running.phase is not Phase.DRAINING else ()


def _coming(id: str, desired: Desired, running: Running | None) -> tuple[Action, ...]:
    if running is None or running.phase is Phase.STOPPED:
        return (Start(id),)
    if running.phase is Phase.DRAINING or running.kind != desired.kind:
        return ()
    return (Update(id),) if running.revision != desired.revision else ()
