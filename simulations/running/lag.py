"""How many records wait for a tier's agents, from the times that records carry. Pure.

Asking the brokers for committed offsets would load what is measured, and see whole micro-batches only.
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simulations.measurement.rows import HopRow, LagRow, RecordRow

LOOK_EVERY_US = 100_000


def lag(records: Sequence[RecordRow], hops: Sequence[HopRow], *, cell: int, repetition: int) -> list[LagRow]:
    """Ten looks a second at each tier, from the first record sent to the last that an agent took.

    A record waits at a tier from when its client or the tier below has sent it, so what is still on a link counts too,
    until it was taken from the log. Records that were never answered left no trail and are not counted.
    """
    sent_us = {record.id: record.sent_us for record in records}
    came, left = defaultdict[str, list[int]](list), defaultdict[str, list[int]](list)
    for hop in sorted(hops, key=lambda hop: (hop.id, hop.hop)):
        came[hop.tier].append(sent_us[hop.id])
        left[hop.tier].append(hop.received_us)
        sent_us[hop.id] = hop.sent_us
    if not left:
        return []
    looks = np.arange(min(min(some) for some in came.values()), max(max(some) for some in left.values()), LOOK_EVERY_US)
    return [
        LagRow(cell=cell, repetition=repetition, at_us=int(at_us), tier=tier, records=int(waiting))
        for tier in came
        for at_us, waiting in zip(looks, _by(came[tier], looks) - _by(left[tier], looks), strict=True)
    ]


def _by(moments: list[int], looks: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many of them have come at each look."""
    return np.searchsorted(np.sort(np.array(moments, dtype=np.int64)), looks, side="right")
