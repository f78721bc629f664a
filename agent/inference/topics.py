"""Which topic each kind of result goes to."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.inference.batch import Departure, Departures


@dataclass(frozen=True, slots=True, kw_only=True)
class Topics:
    """`upper` None: nothing is forwarded, or it goes over an uplink."""

    answers: str
    dead_letters: str
    upper: str | None

    def destinations(self, departures: Departures) -> list[tuple[str, Sequence[Departure]]]:
        """Topics that get something, and what."""
        found: list[tuple[str, Sequence[Departure]]] = [
            (self.answers, departures.answers + departures.degraded),
            (self.dead_letters, departures.dead_letters),
        ]
        if self.upper is not None:
            found.append((self.upper, departures.forwards))
        return [(topic, records) for topic, records in found if records]
