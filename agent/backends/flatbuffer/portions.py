"""How many records the interpreter is given at once. Pure.

Its memory grows with the largest batch it ever saw and never shrinks again, and past the processor's cache a larger
batch is not faster: 256 images of 32x32x3 took 44 MiB, and a tenth longer than 32 portions of 8.
"""

from collections.abc import Iterable
from math import prod

from agent.backends.flatbuffer.interpreter import Details

# About half of a core's second-level cache.
_LARGEST_TENSOR_BYTES = 1_048_576
_OPEN = -1


def portion(details: Iterable[Details]) -> int:
    """Records whose largest intermediate tensor fits the bound. `details` of the file's tensors; those whose first
    length is open have one row a record."""
    rows = (one for one in details if len(one["shape_signature"]) and one["shape_signature"][0] == _OPEN)
    return max(1, _LARGEST_TENSOR_BYTES // max(map(_record_bytes, rows), default=1))


def _record_bytes(details: Details) -> int:
    """Further open lengths count as one."""
    lengths = (max(1, int(length)) for length in details["shape_signature"][1:])
    return int(prod(lengths)) * int(details["dtype"]().itemsize)
