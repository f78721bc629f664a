"""The upper tier's input topic, which its own agents make: nobody else knows how many partitions it shall have."""

import asyncio
from collections.abc import Callable

from shared.documents import Cluster
from shared.errors import ClusterError
from shared.kafka import admin

_POLL_S = 0.25


async def is_there(cluster: Cluster, topic: str) -> bool:
    """Asks without making it, as a producer's first send would. Raises ClusterError."""
    async with admin(cluster) as client:
        return topic in await client.list_topics()


class UpperTopic:
    """`changed` is called whenever `trouble` has changed."""

    def __init__(self, cluster: Cluster, topic: str, *, changed: Callable[[], None]) -> None:
        self.name = topic
        self.trouble = ""
        self._cluster = cluster
        self._changed = changed
        self._is_there = False

    async def until_there(self) -> None:
        while not self._is_there:
            try:
                self._is_there = await is_there(self._cluster, self.name)
                self._report("" if self._is_there else f"waiting for an agent of the upper tier to make {self.name!r}")
            except ClusterError as error:
                self._report(str(error))
            if not self._is_there:
                # A broker tells nobody of a new topic; it can only be asked again.
                await asyncio.sleep(_POLL_S)

    def _report(self, trouble: str) -> None:
        if trouble != self.trouble:
            self.trouble = trouble
            self._changed()
