"""The order of arrivals decides everything, and is decided by time and seeds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from agent.federation.aggregation.strategies import strategy
from agent.federation.aggregation.strategy import Strategy
from agent.federation.coordinator.decisions import Accepted, AnyDecision, Cause, Closed, Published, Refused
from agent.federation.weights import Weights
from shared.documents.federation import Rounds, Stop, Target
from simulations.federation.virtual import Learnt, VirtualFederation
from tests.agent.federation.aggregation.drawn import same_bytes

START: Weights = {"at": np.zeros(2, np.float32)}


@dataclass(frozen=True, kw_only=True)
class Pull:
    """A site that would have the model at a place of its own, and goes half the way there."""

    name: str
    wants: float
    seconds: float = 1.0
    updates: int = 10**6
    joins_at: float = 0.0
    is_hostile: bool = False

    def learn(self, model: Weights, handed_down: Mapping[str, NDArray[Any]], number: int) -> Learnt:
        change = np.float32(0.5) * (np.float32(self.wants) - model["at"])
        return Learnt(change={"at": change * np.float32(np.nan) if self.is_hostile else change}, records=10, steps=1)

    def lasts(self, number: int) -> float:
        return self.seconds

    def leaves_after(self, number: int) -> bool:
        return number >= self.updates


def judge(model: Weights) -> dict[str, float]:
    return {"cloud/loss": float(np.abs(model["at"] - 1).max())}


def run(
    *sites: Pull, rounds: Rounds, stop: Stop, by: Strategy | None = None
) -> tuple[VirtualFederation, list[AnyDecision]]:
    log: list[AnyDecision] = []
    chosen = by or strategy("fedavg", {})
    federation = VirtualFederation(
        strategy=chosen, rounds=rounds, stop=stop, sites=sites, model=START, judge=judge, told=log.append
    )
    federation.run()
    return federation, log


def accepted(log: list[AnyDecision]) -> list[tuple[str, float]]:
    return [(one.participant, one.at) for one in log if isinstance(one, Accepted)]


def test_a_synchronous_round_lasts_as_long_as_its_slowest() -> None:
    fast, slow = Pull(name="fast", wants=1), Pull(name="slow", wants=1, seconds=10)
    federation, log = run(fast, slow, rounds=Rounds(updates=2, most_stale=0), stop=Stop(rounds=3))
    assert [one.at for one in log if isinstance(one, Published)] == [10, 20, 30]
    assert federation.replica.standing.ended is Cause.ROUNDS


def test_an_asynchronous_one_waits_for_nobody() -> None:
    fast, slow = Pull(name="fast", wants=1), Pull(name="slow", wants=1, seconds=10)
    federation, log = run(fast, slow, rounds=Rounds(updates=1), stop=Stop(rounds=11))
    assert accepted(log) == [*(("fast", at) for at in range(1, 10)), ("slow", 10), ("fast", 10)]
    assert federation.replica.standing.participants["slow"].staleness == 9


def test_the_same_inputs_give_the_same_bytes() -> None:
    sites = [Pull(name=f"site-{number}", wants=number, seconds=1 + number / 3) for number in range(7)]
    by = strategy("fedbuff", {})
    one, log = run(*sites, rounds=Rounds(updates=3), stop=Stop(rounds=20), by=by)
    again, log_again = run(*sites, rounds=Rounds(updates=3), stop=Stop(rounds=20), by=by)
    assert same_bytes(one.replica.model, again.replica.model)
    assert log == log_again


def test_a_deadline_goes_on_without_those_who_are_late() -> None:
    fast, slow = Pull(name="fast", wants=1), Pull(name="slow", wants=1, seconds=100)
    _, log = run(fast, slow, rounds=Rounds(updates=2, deadline_s=5), stop=Stop(rounds=3))
    assert [(one.at, one.cause) for one in log if isinstance(one, Closed)] == [
        (at, Cause.DEADLINE) for at in (5, 10, 15)
    ]


def test_a_round_without_its_quorum_waits_for_the_next_arrival() -> None:
    fast, slow = Pull(name="fast", wants=1), Pull(name="slow", wants=1, seconds=7)
    _, log = run(fast, slow, rounds=Rounds(updates=3, quorum=2, deadline_s=5), stop=Stop(rounds=1))
    assert [one.at for one in log if isinstance(one, Closed)] == [7]


def test_who_leaves_is_missed_by_nobody() -> None:
    stays, leaves = Pull(name="stays", wants=1), Pull(name="leaves", wants=1, updates=2)
    federation, log = run(stays, leaves, rounds=Rounds(updates=2, deadline_s=5), stop=Stop(rounds=4))
    assert federation.replica.standing.round == 4
    assert sum(name == "leaves" for name, _ in accepted(log)) == 2


def test_it_is_over_when_nobody_is_left() -> None:
    federation, _ = run(Pull(name="only", wants=1, updates=3), rounds=Rounds(), stop=Stop(rounds=100))
    assert (federation.replica.standing.round, federation.replica.standing.ended) == (3, None)


def test_what_is_no_number_is_refused_and_the_others_learn_on() -> None:
    honest, hostile = Pull(name="honest", wants=1), Pull(name="hostile", wants=1, is_hostile=True)
    federation, log = run(honest, hostile, rounds=Rounds(), stop=Stop(target=Target(metric="cloud/loss", value=0.01)))
    assert federation.replica.standing.ended is Cause.TARGET
    assert {one.participant for one in log if isinstance(one, Refused)} == {"hostile"}
    assert federation.replica.model["at"] == pytest.approx(1, abs=0.01)


def test_a_participant_that_is_early_counts_in_the_next_round() -> None:
    """`late` comes with what it learnt of the first model, and again, while the round still waits for `last`."""
    once = [Pull(name=name, wants=1, updates=1) for name in ("one", "two")]
    stays, late = Pull(name="stays", wants=1, updates=2), Pull(name="late", wants=1, seconds=3.5, updates=2)
    last = Pull(name="last", wants=1, seconds=10, updates=1)
    _, log = run(*once, stays, late, last, rounds=Rounds(updates=3), stop=Stop(rounds=9))
    assert [at for name, at in accepted(log) if name == "late"] == [3.5, 10]
    assert [one.at for one in log if isinstance(one, Closed)] == [1, 10]
    assert isinstance(log[-1], Accepted)
