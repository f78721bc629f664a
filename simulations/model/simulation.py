"""One run of the model, tier by tier from the clients up, then the answers down."""

import numpy as np
from numpy.typing import NDArray

from shared.documents.deployment import UplinkMode
from simulations.experiment.arrivals import due_times
from simulations.experiment.document import Experiment, FaultKind, Load, Tier
from simulations.experiment.turns import seed_of
from simulations.model.agent import AgentSettings
from simulations.model.answers import Answers, received
from simulations.model.clients import produce
from simulations.model.faults import Interval, intervals
from simulations.model.nanoseconds import NEVER, Times, nanoseconds
from simulations.model.noise import Noise
from simulations.model.outages import Outages
from simulations.model.outcome import LineUse, Outcome, TierOutcome
from simulations.model.records import Draws, Records, made
from simulations.model.service import ServiceTimes
from simulations.model.tier import Arrived, TierSettings, run
from simulations.model.topology import Topology


def simulate(
    experiment: Experiment,
    service: ServiceTimes,
    *,
    cell: int = 0,
    repetition: int = 0,
    trace: NDArray[np.float64] | None = None,
    leaves: NDArray[np.int64] | None = None,
) -> Outcome:
    """One turn, with the arrivals of the real one. The same arguments give the same arrays.

    `trace`: the times of all clients, where arrivals come from a trace. `leaves`: the index of the tier at which each
    record leaves, by client and number, -1 where it is drawn; without it, as planted or drawn from measured shares.
    Raises DocumentError where the experiment names what is not there, or the service times lack one of its tiers.
    """

    def due(load: Load, client: int, seed: int) -> NDArray[np.float64]:
        return due_times(load, client, seed, trace=trace)

    seed = seed_of(experiment.seed, cell, repetition)
    topology = Topology(experiment, service, seed=seed)
    records = made(experiment, service, due, Draws(seed, repetition, leaves))
    first = service.of(experiment.tiers[0].name)
    produced = produce(records, first.record_bytes, topology.way)
    tiers = _ascend(topology, records, produced.appended)
    return _outcome(topology, records, produced.acked, tiers)


def _ascend(topology: Topology, records: Records, appended: Times) -> list[TierOutcome]:
    """Records without a key fall on the first topic's partitions at random; an agent's producers each send those of one
    request to one partition of the upper topic, by turns."""
    rows = np.arange(len(records), dtype=np.int64)
    turn = topology.random("partitions").integers(2**31, size=len(rows))
    outcomes: list[TierOutcome] = []
    for index, tier in enumerate(topology.experiment.tiers):
        service = topology.service.of(tier.name)
        arrived = Arrived(
            row=rows,
            visible=appended + nanoseconds(service.fetch_s),
            partition=turn % tier.partitions,
            is_forwarded=records.leaves[rows] > index,
        )
        own = topology.broker(tier, tier.name)
        hops = run(tier_settings(topology, index), arrived, own, topology.upward(index))
        went_on = hops.is_forwarded & ~hops.is_degraded
        degraded = hops.settled + nanoseconds(service.appended_after_s(tier))
        answered = np.where(hops.is_degraded, degraded, hops.appended)
        outcomes.append(TierOutcome(tier=tier.name, hops=hops, answered=np.where(went_on, NEVER, answered)))
        rows, appended, turn = hops.row[went_on], hops.up_appended[went_on], hops.up_turn[went_on]
    return outcomes


def tier_settings(topology: Topology, index: int) -> TierSettings:
    experiment, service = topology.experiment, topology.service
    tier = experiment.tiers[index]
    is_last = index + 1 == len(experiment.tiers)
    names = [f"agent:{tier.name}-{number}" for number in range(1, tier.replicas + 1)]
    deaths = [_deaths(experiment, name, service.agent_start_s) for name in names]
    return TierSettings(
        agent=AgentSettings(
            batching=tier.batching,
            service=service.of(tier.name),
            full_batches=service.full_batches,
            deadline_ns=nanoseconds(service.uplink_deadline_s),
            degrades=tier.uplink is UplinkMode.DEGRADE,
            up_record_bytes=0 if is_last else service.of(experiment.tiers[index + 1].name).record_bytes,
            is_never_killed=not any(deaths),
            slowness=_slowness(tier),
        ),
        replicas=tier.replicas,
        partitions=tier.partitions,
        session_ns=nanoseconds(service.session_s),
        pauses=[_pauses(experiment, name, dead) for name, dead in zip(names, deaths, strict=True)],
        deaths=deaths,
        randoms=[topology.random(name) for name in names],
    )


def _slowness(tier: Tier) -> float:
    return 1.0 if tier.cpu is None else max(1.0, 1.0 / tier.cpu)


def _deaths(experiment: Experiment, name: str, start_s: float) -> list[Interval]:
    """A paused agent keeps its partitions, however long; what is killed or stopped gives them away."""
    pauses = {nanoseconds(one.at) for one in experiment.faults if one.on == name and one.kind is FaultKind.PAUSE}
    return [one for one in intervals(experiment, name, start_s=start_s) if one[0] not in pauses]


def _pauses(experiment: Experiment, name: str, deaths: list[Interval]) -> Outages:
    return Outages(one for one in intervals(experiment, name) if one[0] not in {begin for begin, _ in deaths})


def _outcome(topology: Topology, records: Records, acked: Times, tiers: list[TierOutcome]) -> Outcome:
    answered = np.full(len(records), NEVER, dtype=np.int64)
    tier = np.full(len(records), -1, dtype=np.int64)
    is_degraded = np.zeros(len(records), dtype=np.bool_)
    given = [one.answered < NEVER for one in tiers]
    answers = [_answers(topology, index, one, mine) for index, (one, mine) in enumerate(zip(tiers, given, strict=True))]
    for index, (one, times) in enumerate(zip(answers, received(answers), strict=True)):
        answered[one.row], tier[one.row] = times, index
        is_degraded[one.row] = tiers[index].hops.is_degraded[given[index]]
    is_late = answered > records.due.max(initial=0) + nanoseconds(topology.experiment.load.patience)
    answered[is_late], tier[is_late], is_degraded[is_late] = NEVER, -1, False
    return Outcome(
        records=records,
        acked=acked,
        answered=answered,
        tier=tier,
        is_degraded=is_degraded,
        warm_up=nanoseconds(topology.experiment.load.warm_up),
        tiers=tiers,
        lines=[
            LineUse(link=link, direction=direction, bytes=line.bytes, messages=line.messages, stalls=line.stalls)
            for (link, direction), line in topology.lines.items()
        ],
    )


def _answers(topology: Topology, index: int, outcome: TierOutcome, given: NDArray[np.bool_]) -> Answers:
    service = topology.service
    down, up = topology.to_clients(index)
    return Answers(
        row=outcome.hops.row[given],
        appended=outcome.answered[given],
        bytes=service.of(outcome.tier).answer_bytes,
        down=down,
        up=up,
        listen_s=service.listen_s,
        noise=Noise(topology.random(f"answers {outcome.tier}"), service.listen_spread),
    )
