"""Which records leave at which tier where the experiment file says so. Pure."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

# Its own branch of the seed's tree, so that no other user of the seed draws the same numbers.
_BRANCH = 2
# Multiples of it spread over the unit interval more evenly than random numbers do.
_GOLDEN = (math.sqrt(5) - 1) / 2

Indices = NDArray[np.int64]


def leaving(shares: Sequence[float], records: int, *, repetition: int, seed: int) -> Indices:
    """The index of the tier at which each record leaves, `int64[records]`; `shares` of all tiers but the last.

    Systematic sampling (Madow and Madow, 1944): each share is kept to within one record, and over repetitions too,
    also where a repetition has only one. Their order is drawn from `seed`.
    """
    offset = math.fmod(0.5 + repetition * _GOLDEN, 1.0)
    ends = np.floor(np.cumsum(np.minimum(1.0, shares)) * records + offset).astype(np.int64) if shares else np.empty(0)
    bounds = np.minimum(np.append(ends, records), records).astype(np.int64)
    tiers = np.repeat(np.arange(len(bounds), dtype=np.int64), np.diff(bounds, prepend=0))
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_BRANCH,))).permutation(tiers)


def leaving_after_warm_up(
    shares: Sequence[float], warm_up: NDArray[np.bool_], *, repetition: int, seed: int
) -> Indices:
    """As `leaving` for the records that count. Those of the `warm_up`, `bool[records]`, leave at all tiers in turn, the
    last first: so every way was gone once, and the first record that counts pays for no connection."""
    chosen = np.empty(len(warm_up), dtype=np.int64)
    tiers = len(shares) + 1
    chosen[warm_up] = tiers - 1 - np.arange(int(warm_up.sum())) % tiers
    chosen[~warm_up] = leaving(shares, int((~warm_up).sum()), repetition=repetition, seed=seed)
    return chosen


def images(leaves: Indices, tiers: Indices) -> Indices:
    """For each record an image of the sample that leaves at its tier; all of them in turn.

    Raises ValueError that names the first tier without an image.
    """
    chosen = np.empty(len(tiers), dtype=np.int64)
    for tier in np.unique(tiers):
        there, wanted = np.flatnonzero(leaves == tier), np.flatnonzero(tiers == tier)
        if not len(there):
            raise ValueError(f"the sample has no image that leaves at tier {tier}")
        chosen[wanted] = there[np.arange(len(wanted)) % len(there)]
    return chosen
