"""Whatever a participant sends is refused with its reason, and its next good update, and everybody else's, counts."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from agent.federation.coordinator.topics import Topics
from agent.federation.wire.chunks import MANIFEST_KEY, ChunkKey
from agent.federation.wire.manifests import to_bytes
from agent.federation.wire.tensors import to_bytes as tensors
from shared.documents.federation import Rounds, StrategyChoice
from simulations.kafka.cluster import KafkaCluster
from tests.agent.federation.coordinator.federations import Sites, change, cluster_of, coordinating, federation, sites

Sent = Callable[[Sites, int], Awaitable[None]]
GOOD = tensors(change(1))


def holding(**changed: NDArray[Any]) -> Sent:
    async def send(some: Sites, number: int) -> None:
        await some.send("north", number, 0, {**change(1), **changed})

    return send


def saying(*, base: int = 0, **said: object) -> Sent:
    async def send(some: Sites, number: int) -> None:
        await some.send("north", number, base, None, **said)

    return send


async def without_a_chunk(some: Sites, number: int) -> None:
    for place in (0, 2):
        await some.put("north", ChunkKey(number, place).to_bytes(), GOOD[50 * place : 50 * (place + 1)])
    await some.conclude("north", to_bytes(some.manifest("north", number, 0, GOOD)))


async def without_any_chunk(some: Sites, number: int) -> None:
    await some.conclude("north", to_bytes(some.manifest("north", number, 0, GOOD)))


async def with_another_digest(some: Sites, number: int) -> None:
    await some.chunks("north", number, GOOD)
    manifest = some.manifest("north", number, 0, GOOD)
    promised = msgspec.structs.replace(manifest.content, sha256="0" * 64)
    await some.conclude("north", to_bytes(msgspec.structs.replace(manifest, content=promised)))


async def signed_by_somebody_else(some: Sites, number: int) -> None:
    await some.chunks("north", number, GOOD)
    await some.conclude("north", to_bytes(some.manifest("north", 10**9, 0, GOOD)), signature=b"0" * 64)


async def unsigned(some: Sites, number: int) -> None:
    await some.put("north", MANIFEST_KEY, to_bytes(some.manifest("north", number, 0, GOOD)))


async def beyond_any_number(some: Sites, number: int) -> None:
    manifest = to_bytes(some.manifest("north", number, 0, GOOD, records=7))
    await some.conclude("north", manifest.replace(b'"records":7', b'"records":7' + b"0" * 30))


async def with_a_number_beyond_any(some: Sites, number: int) -> None:
    manifest = to_bytes(some.manifest("north", 7, 0, GOOD))
    await some.conclude("north", manifest.replace(b'"number":7', b'"number":7' + b"0" * 30))


async def rubbish(some: Sites, number: int) -> None:
    await some.conclude("north", b"\x00 no manifest")


async def no_tensors(some: Sites, number: int) -> None:
    await some.chunks("north", number, b"rubbish" * 9)
    await some.conclude("north", to_bytes(some.manifest("north", number, 0, b"rubbish" * 9)))


async def far_too_large(some: Sites, number: int) -> None:
    large = bytes(2**18)
    await some.chunks("north", number, large, size=2**16)
    manifest = some.manifest("north", number, 0, large)
    await some.conclude("north", to_bytes(manifest))


BAD: list[tuple[Sent, str]] = [
    (holding(kernel=np.zeros((2, 2), np.float32)), "'kernel' has shape [2, 2], not [4, 3]"),
    (holding(kernel=np.zeros((4, 3))), "'kernel' is float64, not float32"),
    (holding(kernel=np.full((4, 3), np.nan, np.float32)), "'kernel' holds NaN or infinities, 12 of 12"),
    (holding(bias=np.array([0, np.inf, 0], np.float32)), "'bias' holds NaN or infinities, 1 of 3"),
    (holding(more=np.zeros(3, np.float32)), "'more' is not in the model"),
    (without_a_chunk, "chunk 1 is missing before chunk 2"),
    (without_any_chunk, "no chunk of "),
    (with_another_digest, "digest: "),
    (no_tensors, "no tensors"),
    (far_too_large, "bytes that a change of this model can have"),
    (saying(federation="another"), "federation is 'another'"),
    (saying(edition=2), "edition is 2, not 1"),
    (saying(participant="south"), "participant is 'south', not 'north'"),
    (saying(schema=2), "schema is 2, not 1"),
    (saying(base=9), "model 9, which was never published"),
    (saying(records=0), "records is 0"),
    (saying(records=10**12), "records is 1000000000000"),
    (beyond_any_number, "records is 7000"),
    (with_a_number_beyond_any, "its manifest cannot be read: number"),
    (saying(steps=0), "steps is 0"),
    (saying(encoding="int8"), "encoding is 'int8', not 'float32'"),
    (signed_by_somebody_else, "its signature is not that of its participant"),
    (unsigned, "its signature is not that of its participant"),
    (rubbish, "its manifest cannot be read"),
]


@pytest.mark.timeout(180)
async def test_each_bad_update_is_refused_with_its_reason_and_stops_nobody(
    broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    document = federation(unique, rounds=Rounds(updates=2))
    cluster, topics = cluster_of(broker), Topics(federation=unique, edition=1)
    async with sites(cluster, topics) as some, coordinating(document, cluster, tmp_path) as stage:
        for number, (send, said) in enumerate(BAD, 1):
            await send(some, number)
            standing = await stage.until(
                lambda standing, number=number: (  # type: ignore[misc]
                    "north" in standing.participants and standing.participants["north"].refused >= number
                )
            )
            assert said in standing.participants["north"].reason
            assert standing.accepted == ()
        # Sent twice, it counts once; and it starts from a model that was published.
        await some.send("north", 100, 0)
        await some.send("north", 100, 0)
        await some.send("south", 1, 0, records=10**12 - 1)
        standing = await stage.until_round(1)
        await some.send("east", 1, 0)
        standing = await stage.until(lambda standing: bool(standing.accepted))
        assert standing.participants["north"].accepted == 1
        assert standing.participants["north"].refused == len(BAD)


async def test_control_variates_are_demanded_where_the_strategy_does(
    broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    scaffold = StrategyChoice(name="scaffold", parameters={"participants": 3})
    document = federation(unique, strategy=scaffold)
    cluster, topics = cluster_of(broker), Topics(federation=unique, edition=1)
    async with sites(cluster, topics) as some, coordinating(document, cluster, tmp_path) as stage:
        await some.send("north", 1, 0)
        standing = await stage.until(lambda standing: "north" in standing.participants)
        assert "is missing: it is of another network" in standing.participants["north"].reason
        whole = {**change(1), **{"control:" + name: one for name, one in change(2).items()}}
        await some.send("north", 2, 0, whole)
        assert (await stage.until_round(1)).participants["north"].accepted == 1


async def test_an_early_update_waits_for_the_next_round_and_nobody_waits_for_it(
    broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    document = federation(unique, rounds=Rounds(updates=2))
    cluster, topics = cluster_of(broker), Topics(federation=unique, edition=1)
    async with sites(cluster, topics) as some, coordinating(document, cluster, tmp_path) as stage:
        await some.send("south", 1, 0)
        await some.send("east", 1, 0)
        await stage.until_round(1)
        # It takes its place in this round, however late, and has another one ready for the next.
        await some.send("north", 1, 0)
        await some.send("north", 2, 1)
        await some.send("north", 3, 1)
        await stage.until(lambda standing: len(standing.accepted) == 1)
        await some.send("east", 2, 1)
        standing = await stage.until_round(2)
        standing = await stage.until(lambda standing: standing.participants["north"].refused == 1)
        assert [one.participant for one in standing.accepted] == ["north"]
        assert standing.participants["north"].accepted == 2
        assert "from model 1 again" in standing.participants["north"].reason
