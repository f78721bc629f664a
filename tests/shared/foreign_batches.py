"""Kafka batches that aiokafka would not make, and brokers take: header names of any bytes, records of nothing."""

import gzip
import struct
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.record.util import calc_crc32c
from aiokafka.structs import TopicPartition

from shared.documents import Cluster

RECORDS_AT = 61
CRC_AT, CHECKED_FROM = 17, 21
# Each name stands for one that aiokafka can write and that has as many bytes.
PLACEHOLDER = "\x01"

Record = tuple[bytes | None, Sequence[tuple[bytes, bytes]]]
"""A value, and headers by the bytes of their names."""


async def send(cluster: Cluster, topic: str, records: Sequence[Record], *, is_compressed: bool = False) -> list[int]:
    """All records in one Kafka batch on partition 0; their offsets."""
    async with AIOKafkaProducer(bootstrap_servers=list(cluster.bootstrap_servers)) as client:
        await client.client._wait_on_metadata(topic)
        builder = client.create_batch()
        for value, headers in records:
            replaced = [(PLACEHOLDER * len(name), content) for name, content in headers]
            assert builder.append(timestamp=None, key=None, value=value, headers=replaced) is not None
        builder.close()
        content = _with_names(bytes(builder._build()), [name for _, headers in records for name, _ in headers])
        builder._buffer = _checked(_compressed(content) if is_compressed else content)
        sent = await (await client.send_batch(builder, topic, partition=0))
    assert sent.topic_partition == TopicPartition(topic, 0)
    return [sent.offset + number for number in range(len(records))]


def _with_names(content: bytes, names: Sequence[bytes]) -> bytes:
    end = RECORDS_AT
    for name in names:
        begin = content.index(PLACEHOLDER.encode() * len(name), end)
        end = begin + len(name)
        content = content[:begin] + name + content[end:]
    return content


def _compressed(content: bytes) -> bytes:
    head, records = bytearray(content[:RECORDS_AT]), gzip.compress(content[RECORDS_AT:])
    struct.pack_into(">i", head, 8, RECORDS_AT - 12 + len(records))
    struct.pack_into(">h", head, CHECKED_FROM, 1)
    return bytes(head) + records


def _checked(content: bytes) -> bytes:
    return content[:CRC_AT] + struct.pack(">I", calc_crc32c(content[CHECKED_FROM:])) + content[CHECKED_FROM:]
