"""A tier's micro-batches as its hops show them, and what a step of them costs. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.errors import DocumentError
from simulations.experiment.document import Tier
from simulations.measurement.columns import Columns, chosen
from simulations.model.noise import mean_of

Floats = NDArray[np.float64]
_FEWEST = 10
# Between a lognormal's median and its 90th percentile, in standard deviations of the logarithm.
_TO_90 = 1.2816
MOST_SPREAD = 1.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Batches:
    """`first`: one hop of each, by repetition, node and time. `follows`: the one before is of the same node and
    repetition. `is_idle`: its node had sent all there was before; `is_alone`: and had it acknowledged."""

    first: Columns
    sizes: Floats
    follows: NDArray[np.bool_]
    is_idle: NDArray[np.bool_]
    is_alone: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Means in seconds of a micro-batch and of each record in it."""

    batch_s: float
    record_s: float
    spread: float


def batches(here: Columns, tier: Tier, *, held_us: float) -> Batches:
    """Of one tier's hops; `held_us`: within which what was sent is acknowledged.

    Raises DocumentError when too few of them found a node idle.
    """
    groups = _groups(here)
    order = np.lexsort((here["received_us"], groups))
    group, received = groups[order], here["received_us"][order]
    begins = np.flatnonzero(np.diff(group, prepend=-1).astype(bool) | (np.diff(received, prepend=-1) != 0))
    first = chosen(here, order[begins])
    follows = np.r_[False, group[begins][1:] == group[begins][:-1]][: len(begins)]
    is_idle = ~follows
    is_idle[1:] |= first["sent_us"][:-1] <= first["received_us"][1:]
    is_alone = ~follows
    is_alone[1:] |= first["sent_us"][:-1] + held_us <= first["received_us"][1:]
    if np.count_nonzero(is_idle) < _FEWEST:
        raise DocumentError(
            f"only {np.count_nonzero(is_idle)} micro-batches found an agent idle, {_FEWEST} are needed: "
            "fit to a run with less load, or a longer one",
            field=f"tiers.{tier.name}",
        )
    sizes = np.diff(np.r_[begins, len(order)]).astype(np.float64)
    return Batches(first=first, sizes=sizes, follows=follows, is_idle=is_idle, is_alone=is_alone)


def step(seen: Batches, there: str, done: str, known_s: float, *, only_alone: bool = False) -> Step:
    """From when a micro-batch was there and the one before done, to when it was done itself.

    Medians by size lie on a line: a machine's other work, and a sender that stood still, move them little. The mean is
    above them by the spread, which the 90th percentile tells.
    """
    are_enough = np.count_nonzero(seen.is_alone) >= _FEWEST
    used = seen.is_alone if only_alone and are_enough else np.ones_like(seen.is_alone)
    before = np.where(seen.follows, np.r_[0, seen.first[done][:-1]], 0)
    begun = np.maximum(seen.first[there], before)
    seconds, sizes = np.maximum((seen.first[done] - begun) / 1e6, 0.0)[used], seen.sizes[used]
    batch_s, record_s = _line(sizes, seconds, known_s)
    expected = batch_s + record_s * sizes
    if not expected.all():
        return Step(batch_s=batch_s, record_s=record_s, spread=0.0)
    middle, high = np.quantile(seconds / expected, [0.5, 0.9])
    spread = min(MOST_SPREAD, float(np.log(high / middle)) / _TO_90) if middle > 0 else 0.0
    height = mean_of(float(middle), spread)
    return Step(batch_s=height * batch_s, record_s=height * record_s, spread=spread)


def _groups(here: Columns) -> NDArray[np.int64]:
    """A number for each node of each repetition."""
    names = here["node"].astype(str)
    keys = np.char.add(np.char.add(here["cell"].astype(str), "/"), here["repetition"].astype(str))
    _, groups = np.unique(np.char.add(np.char.add(keys, "/"), names), return_inverse=True)
    return groups.reshape(-1)


def _line(sizes: Floats, seconds: Floats, known_s: float) -> tuple[float, float]:
    """Seconds of a micro-batch and of each record in it, neither below nothing, by least squares.

    Micro-batches of one size tell of the sum only: what each of them costs stays as it was known.
    """
    size, counts = np.unique(sizes, return_counts=True)
    median = np.array([np.median(seconds[sizes == one]) for one in size])
    if len(size) == 1:
        begin = min(known_s, float(median[0]))
        return begin, float((median[0] - begin) / size[0])
    deviations = size - np.average(size, weights=counts)
    slope = float((counts * deviations) @ median / ((counts * deviations) @ deviations))
    begin = float(np.average(median - slope * size, weights=counts))
    if begin < 0:
        return 0.0, float((counts * size) @ median / ((counts * size) @ size))
    return (begin, slope) if slope >= 0 else (float(np.average(median, weights=counts)), 0.0)
