"""A tier timed by a node: from segments.json to what is handed in, with a real broker for the link."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from agent.artifacts import Wanted
from agent.backoff import Backoff
from agent.clock import Clock
from agent.metrics import Metrics
from agent.profiling.workload import Profile
from agent.workload import Surroundings
from shared.documents import Cluster, Phase, RunFile, WorkloadStatus, encode
from shared.documents.profile import ExportedSegment, ProfileWorkload, Segments, TierTimes
from shared.errors import ControlPlaneError
from simulations.kafka.cluster import KafkaCluster
from tests.agent.no_results import nothing_to_hand_in, nothing_to_upload
from tests.agent.profiling.conftest import FOLDER

NOW = Backoff(first_s=0.01, cap_s=0.01)


async def _no_stream(_: object) -> None:
    raise AssertionError("no stream is looked for here")


@dataclass
class Bench:
    """A node's surroundings; `refusals` are what the next reports are answered with."""

    folder: Path
    segments: tuple[ExportedSegment, ...]
    refusals: list[ControlPlaneError] = field(default_factory=list)
    told: list[TierTimes] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def content(self) -> bytes:
        return encode(Segments(input_bytes=784, segments=self.segments))

    def document(self, **changes: Any) -> ProfileWorkload:  # noqa: ANN401
        file = RunFile(name="segments.json", sha256=sha256(self.content).hexdigest(), size_bytes=len(self.content))
        values: dict[str, Any] = {
            "id": "profile.digits.edge",
            "clusters": (),
            "profile": "digits",
            "profiling": "0123",
            "tier": "edge",
            "segments": file,
            "files": (),
            "repetitions": 10,
            "budget_s": 30.0,
        }
        return ProfileWorkload(**values | changes)

    async def artifact(self, wanted: Wanted) -> Path:
        for one in self.segments:
            if one.artifact.sha256 == wanted.sha256:
                return FOLDER / one.artifact.file
        path = self.folder / "segments.json"
        path.write_bytes(self.content)
        return path

    async def take(self, times: TierTimes) -> None:
        if self.refusals:
            raise self.refusals.pop()
        self.told.append(times)

    @asynccontextmanager
    async def running(self, document: ProfileWorkload) -> AsyncIterator[Profile]:
        workload = Profile(document, self.surroundings(), retry=NOW)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(workload.run())
            yield workload
            await workload.drain()

    def surroundings(self) -> Surroundings:
        return Surroundings(
            node="node-1",
            boot_id="00",
            clock=Clock(),
            metrics=Metrics(),
            artifact=self.artifact,
            spool_directory=self.folder,
            changed=self.changed.set,
            streams=_no_stream,
            common=self.folder,
            upload=nothing_to_upload,
            hand_in=nothing_to_hand_in,
            profiled=self.take,
        )

    async def until(self, workload: Profile, holds: Callable[[WorkloadStatus], bool]) -> WorkloadStatus:
        async with asyncio.timeout(50):
            while not holds(workload.status()):
                self.changed.clear()
                await self.changed.wait()
        return workload.status()


@pytest.fixture
def bench(tmp_path: Path, segments: tuple[ExportedSegment, ...]) -> Bench:
    return Bench(folder=tmp_path, segments=segments)


async def test_a_tier_is_timed_handed_in_and_then_waits_to_be_taken_away(bench: Bench) -> None:
    bench.refusals.append(ControlPlaneError("away", status=503))
    async with bench.running(bench.document()) as workload:
        await bench.until(workload, lambda status: status.phase is Phase.FINISHED)
    (times,) = bench.told
    assert (times.tier, times.profiling, times.backend, times.records, times.link) == (
        "edge",
        "0123",
        "litert",
        10,
        None,
    )
    assert [(one.after, one.until, one.head) for one in times.times] == [
        (one.after, one.until, one.head) for one in bench.segments
    ]


async def test_what_no_backend_can_run_is_handed_in_as_a_failure(bench: Bench) -> None:
    first, *rest = bench.segments
    damaged = replace(first, input=replace(first.input, shape=(9, 9, 1)))
    bench.segments = (damaged, *rest)
    async with bench.running(bench.document()) as workload:
        await bench.until(workload, lambda status: status.phase is Phase.FINISHED)
    (times,) = bench.told
    assert times.times == ()
    assert "input" in times.failure


async def test_what_the_control_plane_refuses_for_good_is_told_and_it_idles(bench: Bench) -> None:
    bench.refusals.append(ControlPlaneError("node node-1 does not time tier edge", status=409))
    async with bench.running(bench.document()) as workload:
        status = await bench.until(workload, lambda status: status.phase is Phase.FAILED)
        assert status.reason == "node node-1 does not time tier edge"


async def test_it_leaves_in_the_middle_of_a_long_measurement(bench: Bench) -> None:
    async with asyncio.timeout(20), bench.running(bench.document(repetitions=10_000, budget_s=3600.0)) as workload:
        await bench.until(workload, lambda status: status.reason.startswith("timing 3 segments"))
    assert bench.told == []


@pytest.mark.slow
async def test_the_link_to_a_real_broker_is_measured(bench: Bench, broker: KafkaCluster, unique: str) -> None:
    cluster = Cluster(name="main", bootstrap_servers=tuple(broker.bootstrap_servers.split(",")))
    document = bench.document(clusters=(cluster,), cluster="main", topic=f"{unique}.edge")
    async with bench.running(document) as workload:
        await bench.until(workload, lambda status: status.phase is Phase.FINISHED)
    (times,) = bench.told
    assert times.link is not None, times.failure
    # On one machine: no slower than a thousandth of it, and a millisecond or some for Kafka.
    assert times.link.bytes_per_s > 1e6
    assert 0 <= times.link.fixed_s < 1
