"""One tier, from its topic to what its agents made of the records."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from simulations.model.agent import Agent, AgentSettings, Batch
from simulations.model.broker import Broker
from simulations.model.clock import Clock
from simulations.model.faults import Interval
from simulations.model.lines import Line
from simulations.model.members import Members
from simulations.model.nanoseconds import NEVER, Times
from simulations.model.noise import Noise
from simulations.model.outages import Outages
from simulations.model.producer import Producer
from simulations.model.topic import laid_out
from simulations.model.uplink import Uplink


@dataclass(frozen=True, slots=True, kw_only=True)
class Hops:
    """One row a record that passed a tier. `row` is the record; `up_*` are NEVER where it left, `appended`, when its
    answer was in the log, where it went on.

    `agent` counts from 0. `settled`: its micro-batch is, as far as this tier goes, delivered. Records of one `up_turn`
    fall on one Kafka partition of the upper tier.
    """

    row: NDArray[np.int64]
    agent: NDArray[np.int64]
    received: Times
    inferred: Times
    sent: Times
    settled: Times
    appended: Times
    is_forwarded: NDArray[np.bool_]
    up_appended: Times
    up_acked: Times
    up_turn: NDArray[np.int64]
    is_degraded: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Upward:
    up: tuple[Line, ...]
    down: tuple[Line, ...]
    broker: Broker


@dataclass(frozen=True, slots=True, kw_only=True)
class TierSettings:
    """`pauses`, `deaths` and `randoms`: one entry an agent."""

    agent: AgentSettings
    replicas: int
    partitions: int
    session_ns: int
    pauses: Sequence[Outages]
    deaths: Sequence[Sequence[Interval]]
    randoms: Sequence[Generator]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """What waits in a tier's topic: when an agent can have it, and whether it will be forwarded."""

    row: NDArray[np.int64]
    visible: Times
    partition: NDArray[np.int64]
    is_forwarded: NDArray[np.bool_]


def run(settings: TierSettings, arrived: Arrived, own: Broker, upward: Upward | None) -> Hops:
    """Until nothing is left that any agent will ever take."""
    clock = Clock()
    partitions = laid_out(arrived.visible, arrived.row, arrived.is_forwarded, arrived.partition, settings.partitions)
    agents = [_agent(number, settings, clock, own, upward) for number in range(settings.replicas)]
    Members(clock, agents, partitions, session_ns=settings.session_ns).begin(settings.deaths)
    clock.run()
    return _hops([batch for agent in agents for batch in agent.batches if batch.sent < NEVER], arrived)


def _agent(number: int, settings: TierSettings, clock: Clock, own: Broker, upward: Upward | None) -> Agent:
    uplink = None
    if upward is not None:
        uplink = Uplink(clock, upward.broker, up=upward.up, down=upward.down, deadline_ns=settings.agent.deadline_ns)
    service, random = settings.agent.service, settings.randoms[number]
    return Agent(
        number,
        settings.agent,
        clock,
        answers=Producer(clock, own),
        uplink=uplink,
        away=settings.pauses[number],
        noise=Noise(random, service.spread),
        fetch_noise=Noise(random, service.fetch_spread),
    )


def _hops(batches: Sequence[Batch], arrived: Arrived) -> Hops:
    rows = [span.partition.rows[span.begin : span.end] for batch in batches for span in batch.spans]
    row = np.concatenate(rows) if rows else np.empty(0, np.int64)
    counts = np.array([batch.records for batch in batches], dtype=np.int64)

    def spread(values: list[int]) -> NDArray[np.int64]:
        return np.repeat(np.array(values, dtype=np.int64), counts)

    forwarded_rows = np.zeros(int(arrived.row.max(initial=-1)) + 1, dtype=np.bool_)
    forwarded_rows[arrived.row] = arrived.is_forwarded
    return Hops(
        row=row,
        agent=spread([batch.agent for batch in batches]),
        received=spread([batch.received for batch in batches]),
        inferred=spread([batch.inferred for batch in batches]),
        sent=spread([batch.sent for batch in batches]),
        settled=spread([batch.settled for batch in batches]),
        appended=np.where(forwarded_rows[row], NEVER, spread([batch.appended for batch in batches])),
        is_forwarded=forwarded_rows[row],
        up_appended=spread([batch.up_appended for batch in batches]),
        up_acked=spread([batch.up_acked for batch in batches]),
        up_turn=spread([batch.up_turn for batch in batches]),
        is_degraded=spread([batch.degraded for batch in batches]).astype(np.bool_) & forwarded_rows[row],
    )
