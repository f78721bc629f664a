"""When each node was last heard from, in memory and by the monotonic clock: a jump of the wall clock moves nobody.

A node counts as heard from by a report and by an open watch stream. Silence before this process started is not counted,
or a control plane that comes back after an hour would replace every node.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from controlplane.clock import Clock


class Presence:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._started = clock.monotonic()
        self._enrolled: dict[str, float] = {}
        self._heard: dict[str, float] = {}
        self._open: Counter[str] = Counter()

    def enrolled(self, node: str) -> None:
        self._enrolled[node] = self._clock.monotonic()

    def heard(self, node: str) -> None:
        self._heard[node] = self._clock.monotonic()

    @contextmanager
    def watching(self, node: str) -> Iterator[None]:
        """Within it the node counts as heard from all the time."""
        self._open[node] += 1
        try:
            yield
        finally:
            self._open[node] -= 1
            self.heard(node)

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
        if self._open[node]:
            return 0.0
        since = self._heard.get(node) or self._enrolled.get(node) or self._started
        return self._clock.monotonic() - since

    def last_heard(self, node: str) -> float | None:
        """Seconds since the epoch, None when this process has not heard of the node."""
        if node not in self._heard and not self._open[node]:
            return None
        return self._clock.wall() - self.silent_for_s(node)

    @property
    def open_streams(self) -> int:
        return self._open.total()
