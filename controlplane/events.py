"""What those who follow the events wait for. The events themselves lie in the database, numbered."""

import asyncio


class Bell:
    """Wakes everybody who waits for the next change."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()
        self.is_closed = False

    def ring(self) -> None:
        """Wake all who listen now; who listens later waits for the next ring."""
        self._rung.set()
        self._rung = asyncio.Event()

    def next_ring(self) -> asyncio.Event:
        """Take it before looking at what is there, and wait for it after: nothing falls in between."""
        return self._rung

    def close(self) -> None:
        self.is_closed = True
        self.ring()
