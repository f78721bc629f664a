"""The processes of a run, one at a time, until somebody asks the run to leave."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from agent.training.running.confined import Confined
from agent.training.running.limits import Limits
from agent.training.running.outcome import LeftError, require_well


@dataclass(slots=True, kw_only=True)
class Children:
    """`heard` is given each event that can be read as one, `noticed` what a child could not be kept from."""

    folder: Path
    heard: Callable[[Any], None]
    noticed: Callable[[str], None]
    _running: Confined | None = field(default=None, init=False)
    _is_leaving: bool = field(default=False, init=False)

    async def run(
        self, what: str, arguments: tuple[str, ...], *, events: object, limits: Limits, given: bytes = b""
    ) -> None:
        """To its end. Raises what became of it, as outcome.py says, and StorageError, UnavailableError."""

        def said(line: bytes) -> None:
            # A line of a later version, or of whoever found out where events go.
            with suppress(msgspec.DecodeError):
                self.heard(msgspec.json.decode(line, type=events))

        if self._is_leaving:
            raise LeftError(f"{what} is not begun any more")
        self._running = Confined(arguments=arguments, folder=self.folder, limits=limits, given=given)
        try:
            require_well(await self._running.run(said=said, noticed=self.noticed), what=what)
        finally:
            self._running = None
        if self._is_leaving:
            raise LeftError(f"{what} has ended, and nothing else is begun any more")

    def leave(self) -> bool:
        """Nothing is begun any more. False when there is nobody to ask."""
        self._is_leaving = True
        if self._running is not None:
            self._running.leave()
        return self._running is not None
