"""Which records were answered rightly, a bit each: what two runs on the same records need to be compared in pairs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.documents.types import Message, Sha256

# 128 KiB an exit. Beyond it nothing is kept: unpaired, so many records still tell shares 0.2 % apart from each other.
MOST_RECORDS = 2**20


class Verdicts(Message, frozen=True, kw_only=True):
    """`test_set` names the records and their order, `truth` is the digest of what they should have been answered.

    `right`: by exit, and for the network as deployed, eight records a byte, the first in the highest bit.
    """

    test_set: str
    truth: Sha256
    records: int
    right: dict[str, bytes]

    def of(self, name: str) -> NDArray[np.bool_]:
        """`[records]`. Raises KeyError of an exit that was not judged."""
        bits = np.unpackbits(np.frombuffer(self.right[name], np.uint8), count=self.records)
        return bits.astype(np.bool_)

    def same_records(self, other: "Verdicts") -> bool:
        """In the same order. Records without a name are never taken to be the same."""
        mine, others = ((one.test_set, one.truth, one.records) for one in (self, other))
        return bool(self.test_set) and mine == others


@dataclass(slots=True, kw_only=True)
class VerdictTally:
    """Adds up batches in order. There is no merge: a digest of an order has none."""

    test_set: str
    most: int = MOST_RECORDS
    records: int = field(default=0, init=False)
    _truth: Any = field(default_factory=sha256, init=False)
    _bits: dict[str, "_Bits"] = field(default_factory=dict, init=False)

    def add(self, truth: NDArray[Any], right: Mapping[str, NDArray[np.bool_]]) -> None:
        """The same names in each batch."""
        self.records += len(truth)
        if self.records > self.most:
            self._bits.clear()
            return
        self._truth.update(np.ascontiguousarray(truth, "<f8").tobytes())
        for name, rows in right.items():
            self._bits.setdefault(name, _Bits()).add(rows)

    def result(self) -> Verdicts | None:
        """None where there were too many records, or answers that are only near."""
        if not self._bits:
            return None
        return Verdicts(
            test_set=self.test_set,
            truth=self._truth.hexdigest(),
            records=self.records,
            right={name: bits.packed() for name, bits in self._bits.items()},
        )


@dataclass(slots=True)
class _Bits:
    """Batches need not be multiples of eight: the last few wait for the next."""

    whole: bytearray = field(default_factory=bytearray)
    waiting: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))

    def add(self, rows: NDArray[np.bool_]) -> None:
        joined = np.concatenate([self.waiting, rows])
        cut = len(joined) // 8 * 8
        self.whole += np.packbits(joined[:cut]).tobytes()
        self.waiting = joined[cut:]

    def packed(self) -> bytes:
        return bytes(self.whole) + np.packbits(self.waiting).tobytes()
