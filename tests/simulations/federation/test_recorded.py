"""What a real coordinator wrote down, taken again: the times of its log are its own, and so are its rounds."""

from dataclasses import replace
from pathlib import Path

from agent.federation.aggregation.strategies import strategy
from agent.federation.aggregation.strategy import Contribution
from agent.federation.coordinator.contribution import Reader
from agent.federation.coordinator.decisions import Accepted, AnyDecision, Cause, Closed, Opened, Published
from agent.federation.coordinator.replica import Replica, digest
from agent.federation.coordinator.topics import Topics
from shared.documents import Cluster
from shared.documents.federation import Federation, Rounds, Stop, StrategyChoice
from simulations.federation.recorded import Recording, simulated
from tests.agent.federation.aggregation.drawn import contributions, model

DEADLINE_S = 10.0
FEDERATION = Federation(
    name="f",
    network="n",
    cluster="c",
    strategy=StrategyChoice(name="fedavg"),
    rounds=Rounds(updates=3, deadline_s=DEADLINE_S),
    stop=Stop(rounds=2),
)


def test_a_deadline_counts_from_when_the_model_was_published_however_long_it_was_judged(tmp_path: Path) -> None:
    """The first round is closed at 10 s, its model published at 18: an update of 21 s does not end the next one."""
    recording, replica = opened(tmp_path)
    north, south = (replace(one, staleness=0) for one in contributions(2, seed=1))

    def write(decision: AnyDecision, contribution: Contribution | None = None) -> None:
        replica.enact(decision, contribution)
        recording.decisions.append(decision)
        if isinstance(decision, Accepted) and contribution is not None:
            recording.updates[decision.participant, decision.number] = contribution

    def publish(round_: int, *, closed: float, published: float) -> None:
        write(Closed(round=round_ - 1, cause=Cause.DEADLINE, at=closed))
        assert replica.upcoming is not None
        write(Published(round=round_, model=digest(replica.upcoming), metrics={}, at=published))

    write(accepted(north, 1, base=0, at=5.0), north)
    publish(1, closed=DEADLINE_S, published=18.0)
    write(accepted(north, 2, base=1, at=21.0), north)
    write(accepted(south, 1, base=1, at=25.0), south)
    publish(2, closed=28.0, published=30.0)
    real = [(one.round, one.model) for one in recording.published]
    assert [(one.round, one.model) for one in simulated(recording, FEDERATION)] == real


def opened(folder: Path) -> tuple[Recording, Replica]:
    """As read from the snapshot behind the opening; and the coordinator's own."""
    chosen = strategy(FEDERATION.strategy.name, FEDERATION.strategy.parameters)
    own, read = Replica.of(chosen, model()), Replica.of(chosen, model())
    for one in (own, read):
        one.enact(Opened(model=digest(model()), at=0.0))
    recording = Recording(
        cluster=Cluster(name="c", bootstrap_servers=("127.0.0.1:9",)),
        topics=Topics(federation="f", edition=1),
        folder=folder,
        reader=Reader.of(FEDERATION, chosen),
        replica=read,
        position=0,
    )
    return recording, own


def accepted(one: Contribution, number: int, *, base: int, at: float) -> Accepted:
    return Accepted(
        participant=one.participant,
        number=number,
        base=base,
        records=int(one.weight),
        steps=one.steps,
        offset=number,
        sha256="0" * 64,
        at=at,
    )
