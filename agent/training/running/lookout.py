"""Seeing early that a program holds more than it may: closely all the time, thoroughly when that gives reason to."""

import time
from dataclasses import dataclass

from agent.training.running.census import descendants, held, roughly_held_bytes, tasks_of_the_box
from agent.training.running.limits import Limits

# A program that forks without end doubles every few milliseconds, one that fills memory takes gigabytes a second.
GLANCE_S = 0.05
LOOK_S = 0.5


@dataclass(slots=True, kw_only=True)
class Lookout:
    """Over all descendants of one process."""

    ancestor: int
    limits: Limits
    _known: tuple[int, ...] = ()
    _tasks: int = 0
    _looked_s: float = 0.0

    def excess(self) -> str:
        """What is held beyond the limits, and how much would be within; empty where nothing is. To be asked often."""
        now = time.monotonic()
        if now - self._looked_s < LOOK_S and not self._alarming():
            return ""
        self._looked_s, self._tasks = now, tasks_of_the_box()
        self._known = descendants(self.ancestor)
        found, most = held(self._known), self.limits.memory_bytes
        if found.processes > self.limits.processes:
            return f"had {found.processes} processes, and may have {self.limits.processes}"
        if most and found.memory_bytes > most:
            return f"held {found.memory_bytes / 2**20:.0f} MiB of memory, and may have {most / 2**20:.0f} MiB"
        return ""

    def _alarming(self) -> bool:
        many = tasks_of_the_box() - self._tasks > self.limits.processes
        most = self.limits.memory_bytes
        return many or (bool(most) and roughly_held_bytes(self._known) > (most or 0))
