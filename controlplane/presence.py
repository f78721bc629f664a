"""When each node was last heard from, in memory and by the monotonic clock: a jump of the wall clock moves nobody.

Only what the node itself says counts: a report, and the request for a watch stream. An open stream alone does not: the
kernel of a box keeps it open, and acknowledges heartbeats, for a process that is stopped or hangs. Silence before this
process started is not counted, or a control plane that comes back after an hour would replace every node.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from controlplane.clock import Clock

# What the wall clock and the monotonic one differ by more than that since a moment, the wall clock was set by.
_SET_S = 1.0


class _Moment(NamedTuple):
    monotonic: float
    wall: float


class Presence:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._started = clock.monotonic()
        self._enrolled: dict[str, float] = {}
        self._heard: dict[str, _Moment] = {}
        self._open_streams = 0

    def enrolled(self, node: str) -> None:
        self._enrolled[node] = self._clock.monotonic()

    def heard(self, node: str) -> None:
        self._heard[node] = _Moment(monotonic=self._clock.monotonic(), wall=self._clock.wall())

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Within it a stream counts as open."""
        self._open_streams += 1
        try:
            yield
        finally:
            self._open_streams -= 1

    def forget(self, node: str) -> None:
        self._enrolled.pop(node, None)
        self._heard.pop(node, None)

    def has_contacted(self, node: str) -> bool:
        """Whether this process knows from the node itself which generation it has seen."""
        return node in self._heard or node in self._enrolled

    def is_newcomer(self, node: str) -> bool:
        """Enrolled by this process and not heard from since."""
        return node in self._enrolled and node not in self._heard

    def silent_for_s(self, node: str) -> float:
        heard = self._heard.get(node)
        since = heard.monotonic if heard else self._enrolled.get(node, self._started)
        return self._clock.monotonic() - since

    def last_heard(self, node: str) -> float | None:
        """Seconds since the epoch, None when this process has not heard of the node.

        The same number until it is heard again, or the wall clock is set: then as that one would have had it.
        """
        if (heard := self._heard.get(node)) is None:
            return None
        as_of_now = self._clock.wall() - self.silent_for_s(node)
        return heard.wall if abs(as_of_now - heard.wall) < _SET_S else as_of_now

    @property
    def open_streams(self) -> int:
        return self._open_streams
