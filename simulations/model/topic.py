"""A tier's input topic: what waits in each Kafka partition, from when on, and for whom."""

from bisect import bisect_right
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulations.model.nanoseconds import NEVER, Times


class Span(NamedTuple):
    """Records `begin` to `end` (exclusive) of one partition, taken together."""

    partition: "Partition"
    begin: int
    end: int


class Partition:
    """`visible` ascends: when an agent can have the record. `rows` are the records themselves."""

    def __init__(self, number: int, visible: Times, rows: NDArray[np.int64], is_forwarded: NDArray[np.bool_]) -> None:
        self.number = number
        self.rows = rows
        self.next = 0
        self.available_from = 0
        self._visible: list[int] = visible.tolist()
        self._forwarded: list[int] = np.concatenate([[0], np.cumsum(is_forwarded)]).tolist()

    def __len__(self) -> int:
        return len(self._visible)

    def head_ns(self) -> int:
        """When the next record can be had; never, after the last one."""
        return max(self._visible[self.next], self.available_from) if self.next < len(self._visible) else NEVER

    def nth_ns(self, count: int) -> int:
        """When `count` records can be had."""
        last = self.next + count - 1
        return max(self._visible[last], self.available_from) if last < len(self._visible) else NEVER

    def take(self, now: int, most: int) -> Span:
        """What can be had now; perhaps nothing."""
        begin = self.next
        if self.available_from <= now:
            self.next = bisect_right(self._visible, now, begin, min(begin + most, len(self._visible)))
        return Span(self, begin, self.next)

    def give_back(self, span: Span) -> None:
        """It was not committed: whoever comes next begins there."""
        self.next = min(self.next, span.begin)

    def forwards(self, span: Span) -> int:
        return self._forwarded[span.end] - self._forwarded[span.begin]


def laid_out(
    visible: Times, rows: NDArray[np.int64], is_forwarded: NDArray[np.bool_], partition: NDArray[np.int64], count: int
) -> list[Partition]:
    """The topic's partitions, `partition` the number of each record's."""
    order = np.lexsort((visible, partition))
    bounds = np.searchsorted(partition[order], np.arange(count + 1))
    return [
        Partition(number, visible[which], rows[which], is_forwarded[which])
        for number in range(count)
        for which in [order[bounds[number] : bounds[number + 1]]]
    ]
