"""Faults as intervals."""

from collections.abc import Callable

from simulations.experiment.document import Experiment, Fault, FaultKind
from simulations.experiment.quantities import Duration
from simulations.model.faults import intervals, link_factors, link_outages
from simulations.model.nanoseconds import NEVER

MakeExperiment = Callable[..., Experiment]
S = 1_000_000_000


def fault(at: float, kind: FaultKind, on: str, factor: float = 1.0) -> Fault:
    return Fault(at=Duration(at), kind=kind, on=on, factor=factor)


def test_what_is_killed_is_away_until_it_has_started_again(make_experiment: MakeExperiment) -> None:
    on = "agent:edge-1"
    faults = (fault(5, FaultKind.RESTART, on), fault(1, FaultKind.KILL, on), fault(8, FaultKind.KILL, on))
    experiment = make_experiment(faults=faults)
    assert intervals(experiment, on, start_s=0.5) == [(S, 5 * S + S // 2), (8 * S, NEVER)]
    assert intervals(experiment, "agent:edge-2") == []


def test_a_link_is_cut_and_mended_and_slow(make_experiment: MakeExperiment) -> None:
    on = "link:a-b"
    faults = (fault(1, FaultKind.CUT, on), fault(2, FaultKind.MEND, on), fault(3, FaultKind.SLOW, on, 4.0))
    experiment = make_experiment(faults=faults)
    assert link_outages(experiment, "a-b").over(S) == 2 * S
    assert link_factors(experiment, "a-b") == ((3 * S, 4.0),)
