"""The demo's sensor: sends the sample's images at a steady rate, whether or not anybody answers (an open loop)."""

import asyncio
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.documents import Cluster
from shared.errors import SettingsError
from shared.kafka import producer, translated
from shared.record.headers import ID, TIME, TIME_BYTES
from simulations.demo.scoreboard import Scoreboard


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """`images` has the shape `[n, *input]`, `labels` `[n]`. `leaves`, where it is known: how many exits are unsure of
    each image, `int[n]`."""

    images: NDArray[Any]
    labels: NDArray[Any]
    leaves: NDArray[Any] | None = None

    @classmethod
    def load(cls, path: Path) -> "Sample":
        """Raises SettingsError when the file holds no `images` and `labels` of one length."""
        try:
            with np.load(path, allow_pickle=False) as arrays:
                leaves = arrays.get("leaves", None)
                sample = cls(images=arrays["images"], labels=arrays["labels"], leaves=leaves)
        except (OSError, KeyError, ValueError) as error:
            raise SettingsError(f"{path} is no sample with `images` and `labels`: {error}") from error
        if not len(sample.images) or len(sample.images) != len(sample.labels):
            raise SettingsError(f"{path} has {len(sample.images)} images and {len(sample.labels)} labels")
        return sample


async def feed(
    sample: Sample,
    scoreboard: Scoreboard,
    *,
    cluster: Cluster,
    topic: str,
    records: int,
    rate: float,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Send `records` of them, `rate` a second, in turn. Returns once all are acknowledged."""
    with translated(cluster.name):
        client = producer(cluster)
        await client.start()
        try:
            started = clock()
            for number in range(records):
                due = started + number / rate
                await asyncio.sleep(max(0.0, due - clock()))
                await client.send(topic, **_record(sample, scoreboard, number % len(sample.labels), at_s=clock()))
            await client.flush()
        finally:
            await client.stop()


def _record(sample: Sample, scoreboard: Scoreboard, index: int, *, at_s: float) -> dict[str, Any]:
    value = np.ascontiguousarray(sample.images[index]).tobytes()
    record_id = uuid.uuid4().bytes
    created = time.time_ns() // 1000
    scoreboard.sent(record_id, label=int(sample.labels[index]), size_bytes=len(value), at_s=at_s)
    return {"value": value, "headers": [(ID, record_id), (TIME, created.to_bytes(TIME_BYTES, "big", signed=True))]}
