"""Keeping a box's memory small: how large a micro-batch may be, and giving back what a burst took."""

import ctypes
from collections.abc import Callable

from msgspec.structs import replace

from shared.documents import Batching, InferenceWorkload
from shared.kafka import ConsumerBounds

# Four micro-batches are under way at most, and each needs this about twice: as arrays and as bytes to send.
MICRO_BATCH_BYTES = 2 * 2**20
_LEAST_FETCH, _MOST_FETCH = 65_536, 1_048_576


def bounded_batching(document: InferenceWorkload) -> Batching:
    """`document.batching` with fewer records where inputs and features are large; one record at least. Pure."""
    sub_model = document.versions[0].sub_model
    features = sub_model.features if document.upper is not None else None
    record_bytes = sub_model.input.size_bytes + (0 if features is None else features.size_bytes)
    most = max(1, MICRO_BATCH_BYTES // max(1, record_bytes))
    return replace(document.batching, max_records=min(document.batching.max_records, most))


def give_back() -> None:
    """Freed memory to the operating system: glibc keeps tens of MiB after a burst. Does nothing elsewhere."""
    trim: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def fetch_bounds(document: InferenceWorkload) -> ConsumerBounds:
    """Enough for one micro-batch a fetch: what lies in memory beyond that waits there in vain."""
    wanted = bounded_batching(document).max_records * (document.versions[0].sub_model.input.size_bytes + 256)
    partition = min(max(wanted, _LEAST_FETCH), _MOST_FETCH)
    return ConsumerBounds(fetch_max_bytes=2 * partition, max_partition_fetch_bytes=partition)
