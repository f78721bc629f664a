"""Records that cannot be read: each is given up whole, with its reason, and those beside it are answered."""

import asyncio
import math
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import numpy as np
import pytest
from aiokafka import AIOKafkaProducer, ConsumerRecord, TopicPartition
from msgspec.msgpack import encode as msgpack
from msgspec.structs import replace
from numpy.typing import NDArray

from shared import topics
from shared.documents import Deployment
from shared.kafka import admin, cluster_id, consumer
from shared.record.headers import ID, MODEL, TENSOR, TIME, TRAIL, Header
from shared.record.identity import derive_id
from shared.record.size import record_size
from simulations.demo.example import Example
from simulations.kafka.cluster import KafkaCluster
from simulations.stack import Stack
from tests.end_to_end.driving import deploy, example_stack, undeploy_all
from tests.end_to_end.traffic import Traffic
from tests.shared import foreign_batches

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

IMAGE_BYTES = 784
VERSION = b"fashion-mnist/1"
# What a broker takes at most in one batch by default.
MOST_BYTES = 1_048_588
BATCH_BYTES = 61
TIMESTAMP_MS = 1_700_000_000_000
# aiokafka sends no record with neither key nor value.
KEY = b"key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bad:
    """A record, and a part of the reason that it must be given up for."""

    reason: str
    value: bytes | None = bytes(IMAGE_BYTES)
    headers: Sequence[Header] = field(default_factory=tuple)


@pytest.fixture(scope="module")
def stack(broker: KafkaCluster, tmp_path_factory: pytest.TempPathFactory, example: Example) -> Iterator[Stack]:
    with example_stack(tmp_path_factory.mktemp("bad-input"), broker, example) as stack:
        yield stack


@pytest.fixture(scope="module")
def deployment(example: Example) -> Deployment:
    """One for the module: every test looks at its own records only."""
    return replace(example.deployment, name="bad-input")


@pytest.fixture(scope="module", autouse=True)
def deployed(stack: Stack, deployment: Deployment) -> Iterator[None]:
    deploy(stack, deployment)
    yield
    undeploy_all(stack)


def tensor_header(*parts: object) -> bytes:
    return msgpack(parts)


BAD_IMAGES = {
    "too-short": Bad(value=bytes(783), reason="too short: 783 bytes instead of 784"),
    "too-long": Bad(value=bytes(785), reason="too long: 785 bytes instead of 784"),
    "empty": Bad(value=b"", reason="too short: 0 bytes"),
    "null": Bad(value=None, reason="too short: 0 bytes"),
    "a-megabyte": Bad(value=bytes(1_000_000), reason="too long: 1000000 bytes"),
    "wrong-dtype": Bad(
        headers=[(TENSOR, tensor_header(1, "float32", [28, 28, 1], "raw"))],
        reason="float32[28, 28, 1], expected is uint8",
    ),
    "wrong-shape": Bad(
        headers=[(TENSOR, tensor_header(1, "uint8", [784], "raw"))], reason="uint8[784], expected is uint8[28, 28, 1]"
    ),
    "unknown-dtype": Bad(
        headers=[(TENSOR, tensor_header(1, "complex64", [2], "raw"))], reason="fogline-tensor cannot be"
    ),
    "later-header": Bad(headers=[(TENSOR, tensor_header(2, "new"))], reason="version 2, this agent knows 1"),
    "garbage-header": Bad(headers=[(TENSOR, b"\xc1\x00garbage")], reason="header fogline-tensor cannot be read"),
    "encoding-of-floats": Bad(
        headers=[(TENSOR, tensor_header(1, "uint8", [28, 28, 1], "f16"))], reason="cannot be encoded as f16"
    ),
    "short-id": Bad(headers=[(ID, b"short")], reason="fogline-id has 5 bytes instead of 16"),
    "long-time": Bad(headers=[(TIME, bytes(9))], reason="fogline-time has 9 bytes instead of 8"),
    "garbage-trail": Bad(headers=[(TRAIL, b"\x92\xff")], reason="fogline-trail is damaged"),
    "foreign-version": Bad(headers=[(MODEL, b"fashion-mnist/99")], reason="for version fashion-mnist/99, which is not"),
    "version-not-utf-8": Bad(headers=[(MODEL, b"\xff")], reason="fogline-model is not UTF-8"),
}


async def test_each_bad_image_is_given_up_whole_and_those_beside_it_are_answered(
    stack: Stack, deployment: Deployment, traffic: Traffic, images: NDArray[Any]
) -> None:
    good = [image.tobytes() for image in images[: len(BAD_IMAGES)]]
    offsets, answered = await send_between(traffic, traffic.input_topic, list(BAD_IMAGES.values()), good)
    letters = await dead_letters(traffic, traffic.input_topic, offsets)
    for offset, (name, bad) in zip(offsets, BAD_IMAGES.items(), strict=True):
        require_whole(letters[offset], bad, name)
    outcome = await traffic.outcome(answered, settle_s=0.5)
    assert all(len(outcome.answers[record_id]) == 1 for record_id in answered)


async def test_features_that_are_no_numbers_reach_no_sub_model(
    stack: Stack, deployment: Deployment, traffic: Traffic, images: NDArray[Any]
) -> None:
    """What an agent never sends, sent straight to the fog."""
    head: list[Header] = [(MODEL, VERSION), (TENSOR, tensor_header(1, "float32", [7, 7, 4], "raw"))]
    features = np.zeros((7, 7, 4), "<f4")
    too_great = (TENSOR, tensor_header(1, "float32", [7, 7, 4], "u8", math.inf, 0.0))
    cases = {
        "nan": Bad(value=with_first(features, math.nan), headers=head, reason="NaN"),
        "infinity": Bad(value=with_first(features, -math.inf), headers=head, reason="infinity"),
        "infinite-scale": Bad(value=bytes([1] * 196), headers=[head[0], too_great], reason="infinity"),
        "no-version": Bad(value=features.tobytes(), headers=head[1:], reason="names no version"),
        "bytes-of-another-encoding": Bad(value=bytes(196), headers=head, reason="too short: 196 bytes instead of 784"),
    }
    fog = topics.input_topic(deployment, deployment.tiers[1])
    offsets, answered = await send_between(traffic, fog, list(cases.values()), [features.tobytes()] * 5, head=head)
    letters = await dead_letters(traffic, fog, offsets)
    for offset, (name, bad) in zip(offsets, cases.items(), strict=True):
        require_whole(letters[offset], bad, name)
    assert set(answered) <= set((await traffic.outcome(answered)).answers)


async def test_a_header_name_that_is_not_utf_8_stops_nobody(
    stack: Stack, deployment: Deployment, traffic: Traffic, images: NDArray[Any]
) -> None:
    """Brokers take it; one such record used to end its Kafka partition for every aiokafka consumer."""
    image = images[0].tobytes()
    before, after = uuid_like(1), uuid_like(2)
    _, evil, _ = await foreign_batches.send(
        traffic.cluster,
        traffic.input_topic,
        [
            (image, [(ID.encode(), before)]),
            (image, [(b"\xff\xfe", b"content"), (b"mine", b"kept")]),
            (image, [(ID.encode(), after)]),
        ],
    )
    letter = (await dead_letters(traffic, traffic.input_topic, [evil]))[evil]
    require_whole(
        letter,
        Bad(
            value=image,
            headers=[("\\xff\\xfe", b"content"), ("mine", b"kept")],
            reason="header \\xff\\xfe is not UTF-8",
        ),
        "name",
    )
    assert {before, after} <= set((await traffic.outcome([before, after])).answers)


async def test_a_record_of_nothing_at_all_stops_nobody(
    stack: Stack, deployment: Deployment, traffic: Traffic, images: NDArray[Any]
) -> None:
    """Neither key, value nor header: another client's tombstone without a key."""
    after = uuid_like(3)
    nothing, _ = await foreign_batches.send(
        traffic.cluster, traffic.input_topic, [(None, []), (images[0].tobytes(), [(ID.encode(), after)])]
    )
    letter = (await dead_letters(traffic, traffic.input_topic, [nothing]))[nothing]
    require_whole(letter, Bad(value=None, reason="too short: 0 bytes"), "nothing")
    assert letter.key is None
    assert after in (await traffic.outcome([after])).answers


async def test_a_record_too_large_for_its_dead_letter_leaves_all_but_its_bytes(
    stack: Stack, deployment: Deployment, traffic: Traffic
) -> None:
    """The broker's limit leaves no room for the reason beside the bytes."""
    headers = [("mine", b"kept")]
    most = MOST_BYTES - BATCH_BYTES - record_size(KEY, b"", headers) - 4  # three bytes more for each length
    largest = Bad(
        value=bytes(most), headers=headers, reason=f"too long: {most} bytes instead of 784; its bytes are left"
    )
    offsets, answered = await send_between(traffic, traffic.input_topic, [largest], [bytes(IMAGE_BYTES)])
    letter = (await dead_letters(traffic, traffic.input_topic, offsets))[offsets[0]]
    assert letter.value == b""
    assert largest.reason in dict(letter.headers)["fogline-error"].decode()
    assert ("mine", b"kept") in letter.headers
    assert set(answered) <= set((await traffic.outcome(answered)).answers)


async def test_five_hundred_random_records_among_good_ones_cost_none_of_them(
    stack: Stack, deployment: Deployment, traffic: Traffic, images: NDArray[Any]
) -> None:
    """Each is answered or given up, once; nothing else happens."""
    chance = Random("fuzz")
    fuzz = [fuzzed(chance) for _ in range(500)]
    offsets, good = await send_between(traffic, traffic.input_topic, fuzz, [image.tobytes() for image in images[:500]])
    identity = await identity_of(traffic)
    ids = [fuzz_id(bad, offset, traffic, identity) for bad, offset in zip(fuzz, offsets, strict=True)]
    end = await mark(traffic)
    fates = [0]
    async with asyncio.timeout(60):
        # The last one may be answered at the edge, while others are still on their way up.
        while not all(fates):
            answers = (await traffic.outcome([*good, end], settle_s=1)).answers
            given_up = [dict(one.headers)["fogline-origin-offset"] for one in await read_all(traffic)]
            fates = [
                len(answers.get(record_id, ())) + given_up.count(b"%d" % offset)
                for record_id, offset in zip(ids, offsets, strict=True)
            ]
    assert set(fates) == {1}
    assert all(len(answers[record_id]) == 1 for record_id in good)
    assert 300 < sum(record_id not in answers for record_id in ids) < 500


def require_whole(letter: ConsumerRecord, bad: Bad, name: str) -> None:
    found = dict(letter.headers)
    assert letter.value == bad.value, name
    assert set(bad.headers) <= set(letter.headers), name
    assert bad.reason in found["fogline-error"].decode(), name


def with_first(features: NDArray[Any], number: float) -> bytes:
    changed = features.copy()
    changed.flat[0] = number
    return changed.tobytes()


def uuid_like(number: int) -> bytes:
    return b"bad-input" + number.to_bytes(7, "big")


def fuzzed(chance: Random) -> Bad:
    """Anything at all; now and then something right."""
    sizes = (0, 1, IMAGE_BYTES, IMAGE_BYTES, IMAGE_BYTES + 1, chance.randrange(4000))
    names = (ID, TIME, TENSOR, MODEL, TRAIL, "traceparent", "", "größe", "x" * 300)
    contents = (b"", bytes(8), VERSION, None, chance.randbytes(16), chance.randbytes(chance.randrange(60)))
    chosen = [(chance.choice(names), chance.choice(contents)) for _ in range(chance.randrange(4))]
    return Bad(value=chance.randbytes(chance.choice(sizes)), headers=chosen, reason="")


def fuzz_id(bad: Bad, offset: int, traffic: Traffic, identity: str) -> bytes:
    """Its own where that is one, else the one of its place."""
    given = dict(bad.headers).get(ID)
    return given or derive_id(identity, traffic.input_topic, 0, offset, TIMESTAMP_MS)


async def send_between(
    traffic: Traffic, topic: str, bad: Sequence[Bad], good: Sequence[bytes], *, head: Sequence[Header] = ()
) -> tuple[list[int], list[bytes]]:
    """One good, one bad, and so on: the offsets of the bad ones and the ids of the good ones."""
    ids = [uuid.uuid4().bytes for _ in good]
    records: list[tuple[bytes | None, list[Header]]] = []
    for record_id, value, one in zip(ids, good, bad, strict=True):
        records += [(value, [*head, (ID, record_id)]), (one.value, list(one.headers))]
    servers = list(traffic.cluster.bootstrap_servers)
    async with AIOKafkaProducer(bootstrap_servers=servers, max_request_size=2 * MOST_BYTES) as client:
        sending = [
            await client.send(topic, value, headers=headers, partition=0, timestamp_ms=TIMESTAMP_MS, key=KEY)
            for value, headers in records
        ]
        sent = await asyncio.gather(*sending)
    return [one.offset for one in sent[1::2]], ids


async def mark(traffic: Traffic) -> bytes:
    """A good record behind all others: once it is answered at the edge, all before it have been read there."""
    return (await traffic.send([bytes(IMAGE_BYTES)]))[0]


async def identity_of(traffic: Traffic) -> str:
    async with admin(traffic.cluster) as client:
        return await cluster_id(client)


async def dead_letters(traffic: Traffic, topic: str, offsets: Sequence[int]) -> dict[int, ConsumerRecord]:
    """What became of the records at these offsets of partition 0, once it is known of all."""
    async with asyncio.timeout(30):
        while True:
            found = {
                int(headers["fogline-origin-offset"]): letter
                for letter in await read_all(traffic)
                if (headers := dict(letter.headers))["fogline-origin-topic"] == topic.encode()
            }
            if found.keys() >= set(offsets):
                assert all(dict(found[one].headers)["fogline-origin-partition"] == b"0" for one in offsets)
                return found


async def read_all(traffic: Traffic) -> list[ConsumerRecord]:
    """The dead-letter topic as it is now."""
    client = consumer(traffic.cluster, group=None)
    partition = TopicPartition(topics.dead_letter_topic(traffic.deployment), 0)
    client.assign([partition])
    async with client:
        (end,) = (await client.end_offsets([partition])).values()
        found: list[ConsumerRecord] = []
        while await client.position(partition) < end:
            found += (await client.getmany(partition, timeout_ms=50)).get(partition, [])
    return found
