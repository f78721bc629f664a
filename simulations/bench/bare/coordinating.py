"""`python -m simulations.bench.bare.coordinating FILE`: a coordinator's session until its federation ends; its memory.

In a process of its own, without an agent around it. Prints the highest resident memory as JSON.
"""

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec
import numpy as np

from agent.federation.aggregation.strategies import strategy
from agent.federation.coordinator.contribution import Reader
from agent.federation.coordinator.orders import Orders
from agent.federation.coordinator.session import Session
from agent.federation.coordinator.takeover import Takeover
from agent.federation.coordinator.topics import Topics
from agent.federation.privacy.sealing import Seal
from agent.federation.weights import Weights
from agent.memory import share_one_arena
from shared.documents import Cluster, decode
from shared.documents.federation import Federation

TENSORS = 10


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """`participants`: public keys by name."""

    federation: Federation
    cluster: Cluster
    participants: dict[str, str]
    model_bytes: int
    folder: str


class Peak(msgspec.Struct, frozen=True, kw_only=True):
    """`updates`: that the last model is made of."""

    peak_mib: float
    updates: int


def model(size_bytes: int) -> Weights:
    """Of float32, all alike in size."""
    draw = np.random.default_rng(0)
    return {f"layer-{one}": draw.standard_normal(size_bytes // 4 // TENSORS, np.float32) for one in range(TENSORS)}


async def ended(settings: Settings) -> Peak:
    federation, folder = settings.federation, Path(settings.folder)
    chosen = strategy(federation.strategy.name, federation.strategy.parameters)
    topics, reader = Topics(federation=federation.name, edition=1), Reader.of(federation, chosen)

    async def initial() -> Weights:
        return model(settings.model_bytes)

    async def nobody(_model: Weights, _round: int) -> Mapping[str, float]:
        return {}

    takeover = Takeover(
        cluster=settings.cluster,
        topics=topics,
        strategy=chosen,
        reader=reader,
        seal=Seal("", topics.decisions),
        folder=folder,
        initial=initial,
        by="bench",
        clock=lambda: 0.0,
    )
    book = await Session(
        federation=federation,
        strategy=chosen,
        reader=reader,
        takeover=takeover,
        orders=Orders(settings.participants),
        judge=nobody,
        clock=lambda: 0.0,
        stood=lambda _: None,
        noticed=lambda _: None,
    ).run()
    updates = sum(one.accepted for one in book.standing.participants.values())
    return Peak(peak_mib=_peak_mib(), updates=updates)


def _peak_mib() -> float:
    """Of this program alone: what `getrusage` tells may be the parent's, from before the program was loaded."""
    status = Path("/proc/self/status").read_text()
    (found,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(found.split()[1]) / 1024


def main() -> None:
    share_one_arena()
    settings = decode(Path(sys.argv[1]).read_bytes(), Settings)
    sys.stdout.write(msgspec.json.encode(asyncio.run(ended(settings))).decode())


if __name__ == "__main__":
    main()
