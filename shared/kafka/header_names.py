"""Header names that are no UTF-8: brokers take them, and aiokafka 0.14 never gets past the Kafka partition's first one.

Its extension reads records, as fast as before, until a name stops it. Then its Python code reads that Kafka batch, each
byte that is no UTF-8 as a surrogate (PEP 383), so that whoever consumes such a record can say no to it alone.
"""

import struct
from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBatch, _DefaultRecordBatchPy
from aiokafka.record.legacy_records import LegacyRecordBatch

# Base offset and length stand before every Kafka batch, its leader's epoch and format after that.
_HEAD = struct.Struct(">qi")
_FORMAT_AT = 16
_FIRST_WITH_HEADERS = 2


class Records:
    """What one fetch brought of one Kafka partition: takes the place of aiokafka's `MemoryRecords`."""

    def __init__(self, content: bytes) -> None:
        self._size = len(content)
        self._batches = deque(_whole_batches(memoryview(content)))

    def size_in_bytes(self) -> int:
        return self._size

    def has_next(self) -> bool:
        return bool(self._batches)

    def next_batch(self) -> Any:  # noqa: ANN401 - aiokafka ships no types
        content = self._batches.popleft()
        magic = content[_FORMAT_AT]
        return Batch(content) if magic >= _FIRST_WITH_HEADERS else LegacyRecordBatch(content, magic)


class Batch:
    """One Kafka batch, and its bytes in case they must be read another way."""

    def __init__(self, content: memoryview) -> None:
        self._content = content
        self._fast = DefaultRecordBatch(content)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - as above
        return getattr(self._fast, name)

    def __iter__(self) -> Iterator[Any]:
        read = 0
        try:
            for record in self._fast:
                read += 1
                yield record
        except (UnicodeDecodeError, CorruptRecordException):
            yield from islice(_leniently(self._content), read, None)

    def __next__(self) -> Any:  # noqa: ANN401 - as above
        """Of a control batch, which has one record and no headers."""
        return next(self._fast)


class _Lenient(bytearray):
    """What is cut out of it decodes whatever it is."""

    def __getitem__(self, at: Any) -> Any:  # noqa: ANN401 - an index or a slice
        cut = super().__getitem__(at)
        return _Name(cut) if isinstance(at, slice) else cut


class _Name(bytes):
    def decode(self, encoding: str = "utf-8", errors: str = "surrogateescape") -> str:
        return super().decode(encoding, errors)


def install() -> None:
    """For every consumer of this process: aiokafka's fetcher has no other way to be told."""
    fetcher.MemoryRecords = Records


def _whole_batches(content: memoryview) -> Iterator[memoryview]:
    """The last one may be cut off where the fetch was full."""
    begin = 0
    while begin + _HEAD.size <= len(content):
        _, length = _HEAD.unpack_from(content, begin)
        end = begin + _HEAD.size + length
        if end > len(content):
            return
        yield content[begin:end]
        begin = end


def _leniently(content: memoryview) -> Iterator[Any]:
    """Raises CorruptRecordException where more than a header's name is wrong."""
    batch = _DefaultRecordBatchPy(content)
    iter(batch)  # decompresses
    batch._buffer = _Lenient(batch._buffer)
    yield from batch
