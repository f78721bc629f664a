"""The order in which things happen: SimPy's event queue, used by callbacks rather than processes.

A process costs SimPy a generator's turn for each event. The machines of this model hold their state anyway, and a
callback at a known moment is all they need.
"""

from collections.abc import Callable

import simpy


class Clock:
    """`at` calls `call(moment)` then; what is due at one moment happens in the order in which it was asked for."""

    def __init__(self) -> None:
        self._environment = simpy.Environment()
        self._now = 0

    def at(self, moment_ns: int, call: Callable[[int], None]) -> None:
        """A moment that has passed is now."""
        now = self._now
        moment = moment_ns if moment_ns > now else now

        def arrive(_: simpy.Event) -> None:
            self._now = moment
            call(moment)

        simpy.Timeout(self._environment, moment - now).callbacks.append(arrive)

    def run(self) -> None:
        """Until nothing more is due."""
        self._environment.run()
