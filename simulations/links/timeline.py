"""What is to be done when: a heap of moments. What is due at the same moment is done in the order it was put there."""

import heapq
import math
from collections.abc import Callable, Iterator
from itertools import count
from typing import Generic, TypeVar

T = TypeVar("T")


class Timeline(Generic[T]):
    def __init__(self) -> None:
        self._entries: list[tuple[float, int, T]] = []
        self._numbers = count()

    def put(self, due_s: float, subject: T) -> None:
        heapq.heappush(self._entries, (due_s, next(self._numbers), subject))

    @property
    def next_s(self) -> float:
        """Infinity when nothing is to be done."""
        return self._entries[0][0] if self._entries else math.inf

    def take(self, now_s: float) -> Iterator[tuple[float, T]]:
        """What is due by `now_s`, also what is put there meanwhile."""
        while self._entries and self._entries[0][0] <= now_s:
            due_s, _, subject = heapq.heappop(self._entries)
            yield due_s, subject

    def pull(self, is_chosen: Callable[[T], bool]) -> list[T]:
        """Take out what is chosen, in the order it would have been done."""
        chosen = sorted(entry for entry in self._entries if is_chosen(entry[2]))
        self._entries = [entry for entry in self._entries if not is_chosen(entry[2])]
        heapq.heapify(self._entries)
        return [subject for _, _, subject in chosen]
