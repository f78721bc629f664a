"""Header names that are no UTF-8: brokers take them, and aiokafka 0.14 never gets past the Kafka partition's first one.

Its extension reads records, as fast as ever, until a name stops it. What is left of that fetch is then read by its
Python code, each byte that is no UTF-8 as a surrogate (PEP 383), so that whoever consumes such a record can say no to
it alone.
"""

import struct
from collections.abc import Iterator
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.consumer.fetcher import PartitionRecords
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords

# Base offset and length stand before every Kafka batch.
_HEAD = struct.Struct(">qi")


def install() -> None:
    """For every consumer of this process: aiokafka's fetcher has no other way to be told."""
    fetcher.MemoryRecords = _Fetched
    fetcher.PartitionRecords = _Patient


class _Fetched:
    """Aiokafka's, and the bytes it was made of."""

    def __init__(self, content: bytes) -> None:
        fast = MemoryRecords(content)
        self.has_next, self.next_batch, self.size_in_bytes = fast.has_next, fast.next_batch, fast.size_in_bytes
        self.content = content


class _Patient(PartitionRecords):  # type: ignore[misc]  # aiokafka ships no types
    _records: Any

    def _unpack_records(self) -> Iterator[Any]:
        try:
            yield from super()._unpack_records()
        except (UnicodeDecodeError, CorruptRecordException):
            # Of the batch that failed, the records already given out are passed over by their offsets.
            self._records = _Leniently(self._records.content, self.next_fetch_offset)
            yield from super()._unpack_records()


class _Leniently:
    """The batches from the one that holds `offset`. Raises CorruptRecordException where more than a name is wrong."""

    def __init__(self, content: bytes, offset: int) -> None:
        batches = (_DefaultRecordBatchPy(one) for one in _whole_batches(memoryview(content)))
        self._batches = [batch for batch in batches if batch.next_offset > offset]

    def has_next(self) -> bool:
        return bool(self._batches)

    def next_batch(self) -> "_LenientBatch":
        return _LenientBatch(self._batches.pop(0))


class _LenientBatch:
    def __init__(self, batch: Any) -> None:  # noqa: ANN401 - as above
        self._batch = batch

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - as above
        return getattr(self._batch, name)

    def __iter__(self) -> Iterator[Any]:
        iter(self._batch)  # decompresses
        self._batch._buffer = _Lenient(self._batch._buffer)
        return iter(self._batch)

    def __next__(self) -> Any:  # noqa: ANN401 - as above
        """Of a control batch, which has one record and no headers."""
        return next(self._batch)


class _Lenient(bytearray):
    """What is cut out of it decodes whatever it is."""

    def __getitem__(self, at: Any) -> Any:  # noqa: ANN401 - an index or a slice
        cut = super().__getitem__(at)
        return _Name(cut) if isinstance(at, slice) else cut


class _Name(bytes):
    def decode(self, encoding: str = "utf-8", errors: str = "surrogateescape") -> str:
        return super().decode(encoding, errors)


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
