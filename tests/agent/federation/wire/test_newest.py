"""Whatever compaction took and wherever a writer was cut off, the newest whole content is found, and nothing else."""

from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from aiokafka import AIOKafkaProducer
from hypothesis import given
from hypothesis import strategies as st

from agent.federation.weights import UnlikeError
from agent.federation.wire.chunks import CHUNK_BYTES, MANIFEST_KEY, ChunkKey, chunks_of
from agent.federation.wire.manifests import Content, GlobalManifest, global_manifest, to_bytes
from agent.federation.wire.newest import Found, Newest, newest
from agent.federation.wire.publishing import content_of, publish, withdraw
from shared.documents import Cluster
from shared.kafka import FencedError, admin, ensure_topic, producer, stop_within, translated
from simulations.kafka.cluster import KafkaCluster

SIZE = 4
Log = list[tuple[bytes, bytes | None]]


def manifest(number: int, raw: bytes, size: int = CHUNK_BYTES) -> GlobalManifest:
    content = Content(chunks=len([*chunks_of([raw], size)]), size_bytes=len(raw), sha256=sha256(raw).hexdigest())
    return GlobalManifest(federation="f", edition=1, round=number, content=content)


def written(models: list[bytes], again: list[int]) -> Log:
    """As `publish` and `withdraw` leave them; of each model so many chunks were sent once before, and then all."""
    log = Log()
    for number, raw in enumerate(models):
        pieces = [*enumerate(chunks_of([raw], SIZE))]
        log += [(ChunkKey(number, place).to_bytes(), one) for place, one in [*pieces[: again[number]], *pieces]]
        log.append((MANIFEST_KEY, to_bytes(manifest(number, raw, SIZE))))
        if number:
            older = len([*chunks_of([models[number - 1]], SIZE)])
            log += [(ChunkKey(number - 1, place).to_bytes(), None) for place in range(older)]
    return log


def compacted(log: Log, up_to: int, taken: list[bool]) -> Log:
    """Without some of the records before `up_to` that have a later one of their key before it."""
    last = {key: place for place, (key, _) in enumerate(log[:up_to])}
    return [
        one
        for place, one in enumerate(log)
        if place >= up_to or last[one[0]] == place or not taken[place % max(1, len(taken))]
    ]


def told(log: Log, folder: Path) -> Newest[GlobalManifest]:
    reader = Newest(global_manifest, folder)
    for key, value in log:
        reader.take(key, value)
    return reader


models = st.lists(st.binary(max_size=30), min_size=1, max_size=5)


@given(models, st.lists(st.integers(0, 5), min_size=5, max_size=5), st.data())
def test_whatever_was_cut_off_and_compacted_the_last_acknowledged_model_is_found(
    tmp_path_factory: pytest.TempPathFactory, models: list[bytes], again: list[int], data: st.DataObject
) -> None:
    log = written(models, again)
    log = log[: data.draw(st.integers(0, len(log)), "cut off")]
    acknowledged = sum(key == MANIFEST_KEY for key, _ in log) - 1
    up_to = data.draw(st.integers(0, len(log)), "compacted up to")
    left = compacted(log, up_to, data.draw(st.lists(st.booleans(), min_size=1), "taken"))
    found = told(left, tmp_path_factory.mktemp("newest")).found()
    assert (found and (found.manifest.number, found.raw)) == (
        (acknowledged, models[acknowledged]) if acknowledged >= 0 else None
    )


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"chunks": 9}, "chunk 8 of 9 is missing of 1"),
        ({"size_bytes": 31}, "1 has 30 bytes, and its manifest says 31"),
        ({"sha256": "0" * 64}, "1 has another digest"),
    ],
)
def test_what_a_manifest_does_not_speak_of_is_not_taken_for_newer(
    tmp_path: Path, changed: dict[str, object], said: str
) -> None:
    log = written([b"old", b"x" * 30], [0, 0])
    promised = msgspec.structs.replace(manifest(1, b"x" * 30, SIZE).content, **changed)
    broken = msgspec.structs.replace(manifest(1, b"x" * 30, SIZE), content=promised)
    reader = told([*log[:2], *((key, value) for key, value in log[2:] if key != MANIFEST_KEY and value)], tmp_path)
    assert reader.take(MANIFEST_KEY, to_bytes(broken)) is None
    assert said in reader.trouble
    found = reader.found()
    assert found is not None
    assert found.raw == b"old"


def test_what_is_no_manifest_is_said_to_be_none(tmp_path: Path) -> None:
    reader = told([(MANIFEST_KEY, b"rubbish"), (b"who knows", b"1")], tmp_path)
    assert "cannot be read" in reader.trouble
    assert reader.found() is None


async def made(broker: KafkaCluster, topic: str) -> tuple[Cluster, AIOKafkaProducer]:
    cluster = Cluster(name="here", bootstrap_servers=tuple(broker.bootstrap_servers.split(",")))
    async with admin(cluster) as client:
        await ensure_topic(client, cluster, topic, partitions=1, settings={"cleanup.policy": "compact"})
    sender = producer(cluster, transactional_id=topic)
    await sender.start()
    return cluster, sender


async def until_seen(broker: KafkaCluster, topic: str) -> None:
    """A commit is acknowledged before readers see it: who starts under its id waits for that."""
    _, following = await made(broker, topic)
    await following.stop()


async def sent(sender: AIOKafkaProducer, topic: str, number: int, raw: bytes) -> None:
    whole = to_bytes(GlobalManifest(federation="f", edition=1, round=number, content=content_of(raw)))
    await publish(sender, topic, number=number, pieces=[raw], manifest=whole)


async def test_what_is_published_is_found_and_half_of_a_newer_one_is_not(
    broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    cluster, sender = await made(broker, unique)

    async def found() -> Found[GlobalManifest] | None:
        return (await newest(cluster, unique, global_manifest, folder=tmp_path / "newest"))[0]

    assert await found() is None
    large = bytes(range(256)) * (9 * CHUNK_BYTES // 512)
    await sent(sender, unique, 0, large)
    await sent(sender, unique, 1, b"second")
    await withdraw(sender, unique, {0: content_of(large).chunks})
    # Half of a newer one, and a transaction that never ends.
    async with sender.transaction():
        await sender.send(unique, key=b"2/0", value=b"half")
    await sender.begin_transaction()
    await (await sender.send(unique, key=b"2/1", value=b"undecided"))
    latest, reader = await newest(cluster, unique, global_manifest, folder=tmp_path / "newest")
    assert latest is not None
    assert (latest.manifest.round, latest.raw) == (1, b"second")
    assert reader.others == {2: 1}
    # A second writer ends the first one's transaction, and the first one writes nothing more.
    _, second = await made(broker, unique)
    await sent(second, unique, 2, large)
    await until_seen(broker, unique)
    latest = await found()
    assert latest is not None
    assert (latest.manifest.round, latest.raw) == (2, large)
    with pytest.raises(FencedError), translated(unique):
        await sender.commit_transaction()
    await stop_within(sender, 1)
    await stop_within(second, 1)


async def test_a_topic_whose_chunks_are_gone_is_not_taken_for_an_empty_one(
    broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    cluster, sender = await made(broker, unique)
    async with sender.transaction():
        await sender.send(unique, key=MANIFEST_KEY, value=to_bytes(manifest(4, b"gone")))
    await sender.stop()
    await until_seen(broker, unique)
    with pytest.raises(UnlikeError, match="no chunk of 4 came before its manifest"):
        await newest(cluster, unique, global_manifest, folder=tmp_path / "newest")
