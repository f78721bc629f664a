"""How much may be under way at once: as many records as a few full micro-batches hold, in however many small ones.

Counting micro-batches instead would let a handful of single records, each waiting for a far acknowledgement, keep all
others from being answered here.
"""

import asyncio


class Room:
    """For one who takes; anybody may give back."""

    def __init__(self, micro_batches: int) -> None:
        self._micro_batches = micro_batches
        self._records = 0
        self._freed = asyncio.Event()

    async def for_another(self, most_records: int) -> None:
        """Until a micro-batch of so many records fits."""
        while self._records + most_records > self._micro_batches * most_records:
            self._freed.clear()
            await self._freed.wait()

    def take(self, records: int) -> None:
        self._records += records

    def give_back(self, records: int) -> None:
        self._records -= records
        self._freed.set()
