"""One attempt at the way up: a producer's life, and the records that were given to it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from aiokafka import AIOKafkaProducer

from agent.inference.batch import Departure
from agent.inference.parcels import Parcel


class State(StrEnum):
    CONNECTING = "connecting"
    UP = "up"
    DOWN = "down"
    CATCHING_UP = "catching up"


@dataclass(slots=True)
class Link:
    """One producer's life. `lost` says that nothing more is expected of it."""

    producer: AIOKafkaProducer
    lost: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True, kw_only=True)
class Ascent:
    """Features on their way up. `link` None: they were not sent."""

    departures: Sequence[Departure]
    link: Link | None
    parcels: list[Parcel]
    since: float
