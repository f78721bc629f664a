"""Which topic each kind of result goes to."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.inference.batch import Departure, Departures
from agent.inference.upper_topic import UpperTopic


@dataclass(frozen=True, slots=True, kw_only=True)
class Topics:
    """`upper` None: nothing is forwarded, or it goes over an uplink."""

    answers: str
    dead_letters: str
    upper: UpperTopic | None

    def destinations(self, departures: Departures) -> list[tuple[str, Sequence[Departure]]]:
        """Topics that get something, and what."""
        found: list[tuple[str, Sequence[Departure]]] = [
            (self.answers, departures.answers + departures.degraded),
            (self.dead_letters, departures.dead_letters),
        ]
        if self.upper is not None:
            found.append((self.upper.name, departures.forwards))
        return [(topic, records) for topic, records in found if records]

    async def until_there(self, departures: Departures) -> None:
        """What is made here is there; the upper tier's topic may not be yet."""
        if self.upper is not None and departures.forwards:
            await self.upper.until_there()

    @property
    def trouble(self) -> str:
        return "" if self.upper is None else self.upper.trouble
