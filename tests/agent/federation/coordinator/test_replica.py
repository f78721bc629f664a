"""Whoever follows the log comes to the same bytes, from its beginning or from any snapshot."""

from dataclasses import replace

import pytest

from agent.federation.aggregation.strategies import strategy
from agent.federation.aggregation.strategy import Contribution, Strategy
from agent.federation.coordinator.decisions import Accepted, AnyDecision, Cause, Closed, Opened, Paused, Published
from agent.federation.coordinator.replica import Replica, digest
from agent.federation.coordinator.standing import LogError
from agent.federation.weights import UnlikeError
from agent.federation.wire.tensors import to_bytes
from tests.agent.federation.aggregation.drawn import contributions, model, same_bytes
from tests.agent.federation.aggregation.test_strategies import EVERY

Log = list[tuple[AnyDecision, Contribution | None]]
ROUNDS, SITES = 3, 7


def kept(one: Strategy) -> tuple[Log, Replica, list[tuple[int, bytes, bytes]]]:
    """A log as a coordinator writes it, what it came to, and a snapshot after every decision."""
    replica, log, snapshots = Replica.of(one, model()), Log(), []

    def write(decision: AnyDecision, contribution: Contribution | None = None) -> None:
        replica.enact(decision, contribution)
        log.append((decision, contribution))
        standing, tensors = replica.snapshot()
        snapshots.append((len(log), standing, to_bytes(tensors)))

    write(Opened(model=digest(model()), at=0.0))
    for number in range(ROUNDS):
        for each in contributions(SITES, seed=number):
            write(accepted(each, number), replace(each, staleness=0))
        write(Closed(round=number, cause=Cause.FULL, at=1.0))
        assert replica.upcoming is not None
        write(Published(round=number + 1, model=digest(replica.upcoming), metrics={"cloud/loss": 0.1}, at=2.0))
    write(Paused(at=3.0))
    return log, replica, snapshots


def accepted(one: Contribution, number: int) -> Accepted:
    return Accepted(
        participant=one.participant,
        number=number + 1,
        base=number,
        records=int(one.weight),
        steps=one.steps,
        offset=number,
        sha256="0" * 64,
        at=1.0,
    )


@pytest.mark.parametrize("one", EVERY, ids=lambda one: type(one).__name__)
def test_a_replay_from_any_snapshot_comes_to_the_same_bytes(one: Strategy) -> None:
    log, replica, snapshots = kept(one)
    for behind, standing, tensors in [(0, b"", b""), *snapshots]:
        again = Replica.restored(one, standing, tensors) if behind else Replica.of(one, model())
        for decision, contribution in log[behind:]:
            again.enact(decision, contribution)
        assert same_bytes(again.model, replica.model)
        assert same_bytes(again.state, replica.state)
        assert again.standing == replica.standing


def test_a_model_that_the_log_does_not_name_is_not_gone_on_with() -> None:
    one = strategy("fedavg", {})
    log, _, _ = kept(one)
    replica = Replica.of(one, model())
    for decision, contribution in log:
        other = contribution and replace(
            contribution, weight=contribution.weight + (contribution.participant == "site-3")
        )
        if isinstance(decision, Published):
            with pytest.raises(LogError, match="of round 1 and a replay comes to"):
                replica.enact(decision, other)
            return
        replica.enact(decision, other)


def test_a_federation_begins_with_the_model_it_says() -> None:
    with pytest.raises(LogError, match="a replay comes to"):
        Replica.of(strategy("fedavg", {}), model(1)).enact(Opened(model=digest(model()), at=0.0))


def test_a_damaged_snapshot_is_told() -> None:
    one = strategy("fedavg", {})
    standing, found = Replica.of(one, model()).snapshot()
    tensors = to_bytes(found)
    with pytest.raises(LogError, match="the snapshot is damaged"):
        Replica.restored(one, standing[:-1], tensors)
    with pytest.raises(UnlikeError, match="no tensors"):
        Replica.restored(one, standing, tensors[:-1])
