"""The answers' way down. As in a real run, one consumer a cluster reads those of all clients.

It asks, and the broker holds its request until there is something to give; what comes while an answer and the next
request are on their way waits for that request. Over a link that is a round trip.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulations.model.clock import Clock
from simulations.model.lines import Line, acknowledged
from simulations.model.nanoseconds import NEVER, Times, nanoseconds
from simulations.model.noise import Noise

# How long a broker holds a request that it has nothing for, and the most it gives at once: a consumer's settings.
HELD_NS = nanoseconds(0.5)
MOST_BYTES = 2**20
# What a fetch request's answer says beside the records.
RESPONSE_BYTES = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """One tier's: the record, and when its answer was in the tier's log. `down`: the lines to the clients, in the order
    in which they are crossed; `up`: those back. `listen_s`: from a response's receipt until an answer is known."""

    row: NDArray[np.int64]
    appended: Times
    bytes: int
    down: Sequence[Line]
    up: Sequence[Line]
    listen_s: float
    noise: Noise


def received(tiers: Sequence[Answers]) -> list[Times]:
    """When each answer of each tier is with its client, NEVER if that never happens."""
    clock = Clock()
    readers = [_Reader(clock, answers) for answers in tiers]
    clock.run()
    return [reader.received() for reader in readers]


class _Reader:
    """A connection to one cluster: one request at a time."""

    def __init__(self, clock: Clock, answers: Answers) -> None:
        self._clock = clock
        self._answers = answers
        self._order = np.argsort(answers.appended, kind="stable")
        self._appended: list[int] = answers.appended[self._order].tolist()
        self._received = [NEVER] * len(self._appended)
        self._most = max(1, MOST_BYTES // max(answers.bytes, 1))
        self._next = 0
        self._asked(0)

    def received(self) -> Times:
        times = np.empty(len(self._order), np.int64)
        times[self._order] = np.array(self._received, dtype=np.int64)
        return times

    def _asked(self, now: int) -> None:
        """A request is with the broker."""
        if self._next == len(self._appended):
            return
        first = self._appended[self._next]
        if first > now + HELD_NS:
            now = self._asked_again(now, first)
        if first < NEVER:
            self._clock.at(max(now, first), self._respond)

    def _asked_again(self, now: int, first: int) -> int:
        """Requests that were held for nothing, each followed by the next after a round trip: when the one came that
        `first` finds, or is found by."""
        round_trip = acknowledged(self._answers.up, acknowledged(self._answers.down, now)) - now
        turns = (first - now) // (HELD_NS + round_trip)
        asked = now + turns * (HELD_NS + round_trip)
        return asked if first <= asked + HELD_NS else asked + HELD_NS + round_trip

    def _respond(self, now: int) -> None:
        begin = self._next
        self._next = bisect_right(self._appended, now, begin, min(begin + self._most, len(self._appended)))
        self._cross(now, 0, begin, self._next)

    def _cross(self, now: int, crossed: int, begin: int, end: int) -> None:
        """Lines are shared with other readers, so each is entered at its own moment."""
        down = self._answers.down
        if crossed < len(down):
            size = (end - begin) * self._answers.bytes + RESPONSE_BYTES
            now = down[crossed].send(now, size)
        if crossed + 1 < len(down):
            self._clock.at(now, lambda moment: self._cross(moment, crossed + 1, begin, end))
        else:
            self._hear(now, begin, end)

    def _hear(self, now: int, begin: int, end: int) -> None:
        """When the next request is there is known at once: nobody else is in its way."""
        heard = now + round(self._answers.listen_s * 1e9 * self._answers.noise.factor())
        self._received[begin:end] = [heard] * (end - begin)
        self._asked(acknowledged(self._answers.up, heard))
