"""A site takes the newest global model of its own federation, and believes nothing else."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from numpy.typing import NDArray

from agent.federation.weights import UnlikeError
from agent.federation.wire.following import Following, GlobalModel, model_of
from agent.federation.wire.manifests import GlobalManifest, to_bytes
from agent.federation.wire.publishing import content_of, publish
from agent.federation.wire.tensors import to_bytes as tensor_bytes
from shared.documents import Cluster
from shared.kafka import admin, ensure_topic, producer
from shared.topics import federation_topic
from simulations.kafka.cluster import KafkaCluster


def tensors(value: float) -> dict[str, NDArray[np.float32]]:
    return {"kernel": np.full((2, 2), value, np.float32), "control:kernel": np.zeros((2, 2), np.float32)}


@dataclass
class Bench:
    cluster: Cluster
    name: str
    folder: Path
    said: list[str] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def topic(self) -> str:
        return federation_topic(self.name, 1, "models")

    def following(self, **changes: Any) -> Following:  # noqa: ANN401 - of whatever type
        given = {"cluster": self.cluster, "federation": self.name, "edition": 1, "folder": self.folder, **changes}
        return Following(waits=self._wait, **given)

    async def make(self) -> None:
        async with admin(self.cluster) as client:
            await ensure_topic(client, self.cluster, self.topic, partitions=1)

    async def publish(
        self, number: int, given: Mapping[str, NDArray[Any]] | None = None, raw: bytes = b"", **changes: object
    ) -> None:
        raw = raw or tensor_bytes(given or tensors(number))
        manifest = GlobalManifest(federation=self.name, edition=1, round=number, content=content_of(raw))
        told = to_bytes(replace(manifest, **changes))
        async with producer(self.cluster, transactional_id=f"{self.name}.writer") as client:
            await publish(client, self.topic, number=number, pieces=[raw], manifest=told)

    async def until_said(self, text: str) -> None:
        async with asyncio.timeout(30):
            while not any(text in one for one in self.said):
                self.news.clear()
                await self.news.wait()

    def _wait(self, text: str) -> None:
        self.said.append(text)
        self.news.set()


@pytest.fixture
def bench(broker: KafkaCluster, unique: str, tmp_path: Path) -> Bench:
    cluster = Cluster(name="platform", bootstrap_servers=tuple(broker.bootstrap_servers.split(",")))
    return Bench(cluster, unique, tmp_path / "models")


@asynccontextmanager
async def waiting(following: Following, than: int) -> AsyncIterator["asyncio.Task[GlobalModel]"]:
    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        found = tasks.create_task(following.newer(than))
        yield found
        await found


async def test_the_newest_model_is_taken_and_what_is_handed_down_told_apart(bench: Bench) -> None:
    await bench.make()
    for number in range(3):
        await bench.publish(number)
    # A commit is acknowledged before readers see it: who starts under its id waits for that.
    async with producer(bench.cluster, transactional_id=f"{bench.name}.writer"):
        pass
    model = await bench.following().newer(-1)
    assert model.round == 2
    assert {name: one.tolist() for name, one in model.weights.items()} == {"kernel": [[2.0, 2.0], [2.0, 2.0]]}
    assert set(model.handed_down) == {"control:kernel"}


async def test_a_topic_and_a_newer_model_are_waited_for_and_said_to_be(bench: Bench) -> None:
    following = bench.following()
    async with waiting(following, -1) as first:
        await bench.until_said("waits for the coordinator: there is no topic")
        await bench.make()
        await bench.until_said("waits for the coordinator's first model")
        await bench.publish(0)
    assert first.result().round == 0
    async with waiting(following, 0) as second:
        await bench.until_said("waits for a model newer than 0")
        await bench.publish(1)
    assert second.result().round == 1


async def test_another_federations_model_is_passed_over(bench: Bench) -> None:
    await bench.make()
    await bench.publish(4, federation="another")
    async with waiting(bench.following(), -1) as found:
        await bench.until_said("the newest model cannot be read: its manifest cannot be read: federation: is of")
        await bench.publish(5)
    assert found.result().round == 5


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"\x80\x04pickle", "model 4 is passed over: no tensors"),
        (tensor_bytes({"kernel": np.full(2, np.nan, np.float32)}), "tensor 'kernel' holds NaN"),
        (tensor_bytes({"kernel": np.zeros(2)}), "tensor 'kernel' is float64"),
        (tensor_bytes({"control:kernel": np.zeros(2, np.float32)}), "it holds no weights"),
    ],
)
async def test_what_are_no_weights_is_passed_over(bench: Bench, raw: bytes, reason: str) -> None:
    await bench.make()
    await bench.publish(4, raw=raw)
    async with waiting(bench.following(), -1) as found:
        await bench.until_said(reason)
        await bench.publish(5)
    assert found.result().round == 5


async def test_a_model_without_an_end_does_not_fill_the_disk(bench: Bench) -> None:
    await bench.make()
    await bench.publish(4, {"kernel": np.zeros(2**20, np.float32)})
    async with waiting(bench.following(most_bytes=2**20), -1) as found:
        await bench.until_said("model 4 has more than 1,048,576 bytes and is passed over")
        assert sum(one.stat().st_size for one in bench.folder.iterdir()) <= 2**20
        await bench.publish(5)
    assert found.result().round == 5


def test_a_model_is_float32_and_finite() -> None:
    with pytest.raises(UnlikeError):
        model_of(0, {"kernel": np.zeros(2, np.int64)})
