"""The order in which things happen: SimPy's event queue, used by callbacks rather than processes.

A process costs SimPy a generator's turn for each event. The machines of this model hold their state anyway, and a
callback at a known moment is all they need.
"""

from collections.abc import Callable

import simpy


class Clock:
    """`at` calls `call(moment)` then; what is due at one moment happens in the order in which it was asked for."""

    def __init__(self, begin_ns: int = 0) -> None:
        self._environment = simpy.Environment(initial_time=begin_ns)

    @property
    def now(self) -> int:
        return int(self._environment.now)

    def at(self, moment_ns: int, call: Callable[[int], None]) -> None:
        """A moment that has passed is now."""
        environment = self._environment
        moment = max(moment_ns, self.now)
        event = simpy.Timeout(environment, moment - self.now)
        event.callbacks.append(lambda _: call(moment))

    def run(self) -> None:
        """Until nothing more is due."""
        self._environment.run()
