"""The faults of an experiment as times at which something stands still."""

from collections.abc import Iterable

from simulations.experiment.document import Experiment, Fault, FaultKind
from simulations.model.nanoseconds import NEVER, nanoseconds
from simulations.model.outages import Outages

_ENDS = {FaultKind.KILL, FaultKind.STOP, FaultKind.PAUSE, FaultKind.CUT}
_BEGINS_AGAIN = {FaultKind.RESTART, FaultKind.RESUME, FaultKind.MEND}

Interval = tuple[int, int]


def intervals(experiment: Experiment, on: str, *, start_s: float = 0.0) -> list[Interval]:
    """When `on` is away, in nanoseconds; `start_s` is what it needs to be back after its restart."""
    away: list[Interval] = []
    begin: int | None = None
    for fault in _of(experiment, on):
        if fault.kind in _ENDS and begin is None:
            begin = nanoseconds(fault.at)
        elif fault.kind in _BEGINS_AGAIN and begin is not None:
            starting = start_s if fault.kind is FaultKind.RESTART else 0.0
            away.append((begin, nanoseconds(fault.at + starting)))
            begin = None
    return away if begin is None else [*away, (begin, NEVER)]


def link_outages(experiment: Experiment, link: str) -> Outages:
    return Outages(intervals(experiment, f"link:{link}"))


def link_factors(experiment: Experiment, link: str) -> tuple[tuple[int, float], ...]:
    """From each moment on, what the latency is multiplied by."""
    slow = (fault for fault in _of(experiment, f"link:{link}") if fault.kind is FaultKind.SLOW)
    return tuple((nanoseconds(fault.at), fault.factor) for fault in slow)


def _of(experiment: Experiment, on: str) -> Iterable[Fault]:
    return sorted((fault for fault in experiment.faults if fault.on == on), key=lambda fault: fault.at)
