"""One attempt at the way up: a few producers side by side, and the records that were given to them.

A producer of aiokafka has one request under way to a broker, and one batch in it for each Kafka partition. Over a link
whose round trip is longer than everything else, that alone would send one micro-batch a round trip. So several take
turns, and each takes everything that waits.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from enum import StrEnum
from typing import Literal
from zlib import crc32

from aiokafka import AIOKafkaProducer

from agent.inference.batch import Departure
from agent.inference.courier import started, stop_quietly
from shared.documents import Cluster

# With one, what comes during a round trip would wait for its end.
CARRIERS = 4
# What a lost link's producers still hold is sent by others: there is nothing to wait for.
_ABANDON_S = 0.2


class State(StrEnum):
    CONNECTING = "connecting"
    UP = "up"
    DOWN = "down"
    CATCHING_UP = "catching up"


class Carrier:
    """A producer, what only it may send, and whether it sends or waits."""

    __slots__ = ("keyed", "producer", "turn", "wanted")

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self.producer = producer
        self.keyed: deque[Departure] = deque()
        self.wanted = asyncio.Event()
        self.turn = 0


class Ascent:
    """The features of one micro-batch on their way up. `link` None: they were not sent. `since` in seconds of the
    monotonic clock."""

    __slots__ = ("departures", "left", "link", "over", "since")

    def __init__(self, departures: Sequence[Departure], link: "Link | None", since: float) -> None:
        self.departures = departures
        self.link = link
        self.since = since
        self.left = len(departures)
        # All is delivered, or nothing more is expected.
        self.over = asyncio.Event()

    def missing(self) -> list[Departure]:
        """What is not known to be delivered."""
        return list(self.departures) if self.link is None else self.link.missing(self.departures)


class Link:
    """The life of some producers. `lost` says that nothing more is expected of them."""

    def __init__(self, producers: Sequence[AIOKafkaProducer]) -> None:
        self.lost = asyncio.Event()
        self.carriers = tuple(Carrier(producer) for producer in producers)
        self._keyless: deque[Departure] = deque()
        # By the identity of each record that is not delivered yet.
        self._owners: dict[int, Ascent] = {}

    def put(self, ascent: Ascent) -> None:
        """Records of one key keep their order, so one carrier sends them all; others go with whoever is free first."""
        for departure in ascent.departures:
            self._owners[id(departure)] = ascent
            if departure.key is None:
                self._keyless.append(departure)
            else:
                carrier = self.carriers[crc32(departure.key) % len(self.carriers)]
                carrier.keyed.append(departure)
                carrier.wanted.set()
        if self._keyless and (
            free := next((carrier for carrier in self.carriers if not carrier.wanted.is_set()), None)
        ):
            free.wanted.set()

    async def take(self, carrier: Carrier) -> list[Departure]:
        """All that waits and this carrier may send; waits until there is something."""
        while not (carrier.keyed or self._keyless):
            carrier.wanted.clear()
            await carrier.wanted.wait()
        taken = [*carrier.keyed, *self._keyless]
        carrier.keyed.clear()
        self._keyless.clear()
        carrier.turn += 1
        return taken

    def delivered(self, departures: Sequence[Departure]) -> None:
        for departure in departures:
            ascent = self._owners.pop(id(departure))
            ascent.left -= 1
            if not ascent.left:
                ascent.over.set()

    def missing(self, departures: Sequence[Departure]) -> list[Departure]:
        return [one for one in departures if id(one) in self._owners]

    def lose(self) -> None:
        self.lost.set()
        for ascent in self._owners.values():
            ascent.over.set()


async def connect(cluster: Cluster, *, compression: Literal["gzip"] | None, max_batch_bytes: int) -> Link:
    """Raises ClusterError."""
    starting = (started(cluster, compression=compression, max_batch_bytes=max_batch_bytes) for _ in range(CARRIERS))
    found = await asyncio.gather(*starting, return_exceptions=True)
    link = Link([one for one in found if isinstance(one, AIOKafkaProducer)])
    for failure in found:
        if isinstance(failure, BaseException):
            await abandon(link)
            raise failure
    return link


async def abandon(link: Link) -> None:
    """What its producers have not delivered is sent by others."""
    await asyncio.gather(*(stop_quietly(carrier.producer, _ABANDON_S) for carrier in link.carriers))
