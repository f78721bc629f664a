"""Where results go that their cluster refuses for their size: all but their bytes, on the dead-letter topic."""

from collections.abc import Iterable

from agent.inference.courier import Courier, Refused
from agent.inference.dead_letters import undeliverable


class DeadLetterOffice:
    def __init__(self, courier: Courier, topic: str) -> None:
        self._courier = courier
        self._topic = topic

    async def bury(self, refused: Iterable[Refused]) -> None:
        """Returns once their dead letters are delivered."""
        if letters := [undeliverable(departure, reason=reason) for departure, reason in refused]:
            await self._courier.settle(await self._courier.send(self._topic, letters))
