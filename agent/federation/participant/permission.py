"""Whether a site lets this go on: asked before each update and each piece of it that leaves, of the file as it is."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from agent.clock import Clock
from agent.federation.participant import day_book, policy_file
from agent.federation.participant.policy import Asked, may_go_on, refusals
from shared.errors import SettingsError

LOOK_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """`folder`: the participant's own. `refused` and `held_up` are told in words, of which the first is for a person to
    mend; both are looked at again every `look_s`.
    """

    file: Path | None
    asked: Asked
    folder: Path
    clock: Clock
    refused: Callable[[str], None]
    held_up: Callable[[str], None]
    look_s: float = LOOK_S

    async def granted(self) -> None:
        """Returns when the site's policy allows it. Raises StorageError."""
        # Neither a file nor the time of day tells anybody that it has changed.
        while not await self._is_granted():  # noqa: ASYNC110
            await asyncio.sleep(self.look_s)

    async def leave(self, size_bytes: int) -> None:
        """Returns when so many bytes may leave, which are counted as sent from then on. Raises StorageError."""
        await self.granted()
        await asyncio.to_thread(day_book.book, self.folder, self._now().date(), size_bytes)

    async def _is_granted(self) -> bool:
        try:
            policy = await asyncio.to_thread(policy_file.read, self.file)
        except SettingsError as error:
            self.refused(str(error))
            return False
        if reasons := refusals(policy, self.asked):
            self.refused(f"refused by this site's policy: {'; '.join(reasons)}")
            return False
        now = self._now()
        sent = await asyncio.to_thread(day_book.sent, self.folder.parent, now.date())
        if reason := may_go_on(policy, now=now, sent_today=sent):
            self.held_up(f"this site's policy has it wait: {reason}")
            return False
        return True

    def _now(self) -> datetime:
        """By the site's own clock, as the people there read it."""
        return self.clock.now().astimezone()
