"""A site that is killed goes on: the same update under the same number, and never another one under it."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest

from agent.federation.wire.chunks import chunk_key
from agent.federation.wire.reading import end_of, only_partition, records
from shared.documents import Cluster
from shared.kafka import consumer
from tests.agent.federation.participant.process import Asked, process
from tests.agent.federation.participant.site import MODEL, Taking, at_work

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

GREAT_MODEL = {**MODEL, "weight": np.zeros((4, 2**20), np.float32)}
HALF = 'federations = ["{name}"]\nsources = "any"\nbytes_a_day = 8000000\n'
ALL = 'federations = ["{name}"]\nsources = "any"\n'


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(120):
        while not await asyncio.to_thread(holds):  # noqa: ASYNC110 - another process tells nobody
            await asyncio.sleep(0.05)


def saved(folder: Path) -> int:
    """The number of the newest checkpoint, of which there is one a step."""
    found = folder.glob("common/participants/*/attempt/checkpoints/*.checkpoint")
    try:
        return max((int(one.stem) for one in found), default=0)
    except FileNotFoundError:
        # An attempt whose update was sent is being removed.
        return 0


async def chunks(taking: Taking) -> list[tuple[int, int, bytes]]:
    partition = only_partition(taking.updates_topic)
    async with consumer(taking.cluster, group=None, read_committed=True) as client:
        end = await end_of(client, partition)
        found = [one async for one in records(client, partition, start=None, end=end)]
    keyed = [(chunk_key(one.key), one.value or b"") for one in found]
    return [(key.number, key.place, value) for key, value in keyed if key is not None]


async def test_killed_while_it_trains_it_trains_on_from_there(cluster: Cluster, unique: str, tmp_path: Path) -> None:
    asked = Asked(cluster, unique, "slow")
    taking = asked.taking(tmp_path)
    await taking.make_topics()
    await taking.give()
    await taking.publish(0)

    with process(tmp_path, asked):
        await until(lambda: saved(tmp_path) > 4)
    # Though the model has gone on meanwhile, what was begun is finished.
    await taking.publish(1)
    most = 0
    async with at_work(taking) as site, asyncio.TaskGroup() as tasks:
        sent = tasks.create_task(taking.updates(1))
        while not sent.done():
            most = max(most, await asyncio.to_thread(saved, tmp_path))
            await asyncio.sleep(0.02)
        await site.reason("model 1")
    (update,) = sent.result()
    assert (update.manifest.base, update.manifest.number, update.manifest.steps) == (0, 1, 38)
    # One that had begun anew would have saved each of its steps again.
    assert 30 < most <= 42


async def test_killed_while_it_sends_it_sends_the_rest_of_the_same(
    cluster: Cluster, unique: str, tmp_path: Path
) -> None:
    asked = Asked(cluster, unique, "great", HALF.format(name=unique))
    taking = asked.taking(tmp_path)
    await taking.make_topics()
    await taking.give()
    await taking.publish(0, GREAT_MODEL)
    with process(tmp_path, asked):
        await until(lambda: any(tmp_path.glob("common/participants/*/outgoing/content.sent")))
        async with asyncio.timeout(60):
            while len(await chunks(taking)) < 15:  # noqa: ASYNC110 - the same
                await asyncio.sleep(0.1)
    before = await chunks(taking)
    assert len(before) < 20
    whole = msgspec.structs.replace(asked, policy=ALL.format(name=unique)).taking(tmp_path)
    async with at_work(whole) as site:
        (update,) = await whole.updates(1)
        await site.reason("waits for a model newer than 0")
    after = await chunks(taking)
    total = update.manifest.content.chunks
    assert total == 33
    assert {number for number, _, _ in after} == {1}
    # Each place has one content, however often it was sent; what was acknowledged is not sent again, but for a few.
    assert len({(place, value) for _, place, value in after}) == total
    assert len(after) <= total + 8
