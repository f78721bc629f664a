"""The platform's Kafka is killed in mid-round and comes back: coordinator and site say so, and go on by themselves."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

import msgspec
import numpy as np
import pytest

from agent.backoff import Backoff
from agent.federation.coordinator.topics import Topics
from agent.federation.coordinator.workload import RETRY
from shared.documents import Cluster, Phase
from shared.documents.federation import Rounds, Stop
from simulations.kafka.cluster import KafkaCluster
from tests.agent.federation.coordinator.federations import federation, sites
from tests.agent.federation.coordinator.workloads import at_work, workload
from tests.agent.federation.participant.site import MODEL, SITE, Taking
from tests.agent.federation.participant.site import at_work as site_at_work
from tests.agent.pretend import pretend_control_plane
from tests.agent.training.running.attempts import TORCH_NETWORK, Bench

# Each loads a framework in a process of its own.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

NODE = 1
HOUR_S = 3600.0
OPEN = Path("/proc/self/fd")


@pytest.fixture
async def platform() -> AsyncIterator[KafkaCluster]:
    """One that a test may kill."""
    async with KafkaCluster(heap_mb=256) as cluster:
        yield cluster


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with pretend_control_plane() as made:
        yield Bench(tmp_path / "node", made, networks=(TORCH_NETWORK,))


def named(name: str, broker: KafkaCluster) -> Cluster:
    return Cluster(name=name, bootstrap_servers=tuple(broker.bootstrap_servers.split(",")))


async def test_a_broker_that_is_killed_in_mid_round_costs_no_update_and_doubles_none(
    broker: KafkaCluster, platform: KafkaCluster, bench: Bench, unique: str, tmp_path: Path
) -> None:
    # 1. A site whose data lies in a Kafka of its own.
    rules = {"rounds": Rounds(updates=2), "stop": Stop(rounds=2)}
    (tmp_path / "site").mkdir()
    taking = Taking(tmp_path / "site", named("site", broker), unique, changes=rules)
    await taking.give()
    taking.own, taking.cluster = taking.cluster, named("platform", platform)
    document = workload(taking.document.federation, taking.cluster)
    document = msgspec.structs.replace(document, participants={**document.participants, SITE: taking.signer.public})
    towards = {name: np.full(one.shape, 0.01, np.float32) for name, one in MODEL.items()}
    async with (
        sites(taking.cluster, Topics(federation=unique, edition=1)) as some,
        at_work(document, bench) as work,
        site_at_work(taking) as site,
    ):
        await work.until(lambda status: status.counters["accepted"] == 1)
        await site.reason("waits for a model newer than 0")
        # 2. One of two updates is decided on when the broker goes.
        await asyncio.to_thread(platform.kill, NODE)
        told = await work.until(lambda status: "cluster 'platform'" in status.reason)
        assert (told.phase, told.counters["accepted"]) == (Phase.RUNNING, 1)
        assert (await site.reason("cluster 'platform'")).phase is Phase.RUNNING
        # 3. It is back, and the second update comes; then another round.
        await asyncio.to_thread(platform.start, NODE)
        await work.until(lambda status: not status.reason)
        await some.send("north", 1, 0, towards)
        await work.until(lambda status: status.counters["rounds"] == 1)
        await some.send("north", 2, 1, towards)
        last = await work.until(lambda status: status.phase is Phase.FINISHED)
        assert last.counters == {"rounds": 2, "accepted": 4, "refused": 0}
    progress = work.told.reports[-1].progress
    assert [(one.round, one.updates) for one in progress.history] == [(1, 2), (2, 2)]
    assert {one.name: one.updates for one in progress.participants if one.updates} == {SITE: 2, "north": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting(Backoff):
    failures: list[int] = field(default_factory=list)

    def delay_s(self, failures: int, *, jitter: float) -> float:
        self.failures.append(failures)
        return Backoff.delay_s(self, failures, jitter=jitter)


async def test_an_hour_without_a_broker_costs_no_memory_and_no_connection(
    bench: Bench, unique: str, caplog: pytest.LogCaptureFixture
) -> None:
    # The agent keeps this log quiet; here every line of it would be kept.
    caplog.set_level(logging.CRITICAL, logger="aiokafka")
    # 1. So often at most it tries in an hour, and then once a minute at most, however long it takes.
    delays = [RETRY.delay_s(failures, jitter=0.0) for failures in range(1, 200)]
    lives = sum(1 for before in accumulate(delays) if before < HOUR_S)
    assert lives < 130
    assert RETRY.delay_s(10**9, jitter=0.999) <= 60
    # 2. As often, and quicker.
    retry = Counting(first_s=0.001, cap_s=0.001)

    async def kept_after(count: int) -> tuple[int, int]:
        """By this process: objects, and what it has open."""
        while len(retry.failures) < count:  # noqa: ASYNC110 - nothing tells of a failure like the one before
            await asyncio.sleep(0.01)
        gc.collect()
        return len(gc.get_objects()), await asyncio.to_thread(lambda: sum(1 for _ in OPEN.iterdir()))

    document = workload(federation(unique), Cluster(name="here", bootstrap_servers=("127.0.0.1:1",)))
    async with at_work(document, bench, retry=retry) as work:
        objects, files = await kept_after(lives // 4)
        later, open_later = await kept_after(lives + lives // 4)
        assert "cluster 'here'" in work.coordinator.status().reason
    # A client that was left behind would be hundreds.
    assert later - objects < 10 * lives
    assert open_later - files < 5
