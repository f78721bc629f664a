"""What this site has to learn from at this moment, and waiting until it is enough."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from agent.federation.participant.choosing import Lesson, choice, lesson
from agent.federation.participant.holding import held
from agent.federation.participant.listening import Listening
from shared.documents import Cluster
from shared.documents.federation import Federation
from shared.streams.ranges import Range

LOOK_S = 3.0


@dataclass(slots=True, kw_only=True)
class Data:
    """`waits` is told in words what is missing. Whoever `listening` belongs to calls `news` when it has heard some."""

    federation: Federation
    cluster: Cluster
    listening: Listening
    waits: Callable[[str], None]
    look_s: float = LOOK_S
    _news: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    def news(self) -> None:
        self._news.set()

    async def enough(self, learnt: tuple[Range, ...]) -> Lesson:
        """Once there is. Raises ClusterError."""
        while True:
            self._news.clear()
            if self.listening.trouble or not self.listening.has_caught_up:
                self.waits(self.listening.trouble or "reads what is announced on this site's Kafka")
            else:
                found = await self._found(learnt)
                if isinstance(found, Lesson):
                    return found
                self.waits(found)
            # Of records that are only sent, and of others that expire, nobody tells.
            with suppress(TimeoutError):
                async with asyncio.timeout(self.look_s):
                    await self._news.wait()

    async def _found(self, learnt: tuple[Range, ...]) -> Lesson | str:
        chosen = choice(self.federation.requirements, self.listening.catalogue.streams)
        return lesson(self.federation, chosen, await held(self.cluster, chosen.streams), learnt)
