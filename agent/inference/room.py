"""How much may be under way at once, from taken to committed.

What awaits acknowledgements is counted in records, as many as a few full micro-batches hold: a few single records
on their way to a far tier then keep no others from being answered here. What is not sent yet is counted in
micro-batches: while those wait for their inference, records gather in Kafka, and the next one is larger and cheaper.
"""

import asyncio

# One is taken, one inferred and one sent.
_MOST_UNSENT = 3


class Room:
    """For one who takes; anybody may give back."""

    def __init__(self, micro_batches: int) -> None:
        self.unsent = 0
        self._micro_batches = micro_batches
        self._records = 0
        self._freed = asyncio.Event()

    async def for_another(self, most_records: int) -> None:
        """Until a micro-batch of so many records fits."""
        while self.unsent >= _MOST_UNSENT or self._records + most_records > self._micro_batches * most_records:
            self._freed.clear()
            await self._freed.wait()

    def take(self, records: int) -> None:
        self._records += records
        self.unsent += 1

    def sent(self) -> None:
        self.unsent -= 1
        self._freed.set()

    def give_back(self, records: int) -> None:
        self._records -= records
        self._freed.set()
