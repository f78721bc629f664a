"""How the records of one data set are dealt to sites that have unlike ones. Pure; the same seed deals the same.

Li, Diao, Chen and He, Federated Learning on Non-IID Data Silos: An Experimental Study, ICDE 2022 (arXiv 2102.02079),
section IV: Dirichlet and quantity-based label imbalance, as Flower's niid_bench deals them.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.errors import SettingsError

Rows = NDArray[np.intp]
_MOST_DEALS = 1000


def dirichlet(
    labels: NDArray[np.integer[Any]], sites: int, *, concentration: float, seed: int, least: int = 10
) -> list[Rows]:
    """Of each class, shares drawn from Dirichlet(`concentration`); a site that has its part already gets no more.

    Dealt anew until every site has `least`. Raises SettingsError where that does not come about.
    """
    random = np.random.default_rng(seed)
    for _ in range(_MOST_DEALS):
        dealt = _dealt_by_shares(labels, sites, concentration, random)
        if min(map(len, dealt)) >= least:
            return dealt
    raise SettingsError(
        f"{len(labels)} records cannot be dealt to {sites} sites so that each has {least}: "
        "fewer sites, a larger concentration or a smaller least would do"
    )


def few_classes(labels: NDArray[np.integer[Any]], sites: int, *, classes: int, seed: int) -> list[Rows]:
    """Each site has so many classes: one in turn, so that none is left out while there are sites, the others by lot.

    The records of a class are dealt evenly to those that have it.
    """
    known = np.unique(labels)
    if not 1 <= classes <= len(known):
        raise SettingsError(f"a site cannot have {classes} of {len(known)} classes")
    random = np.random.default_rng(seed)
    theirs = [_chosen(known, known[site % len(known)], classes, random) for site in range(sites)]
    parts: list[list[Rows]] = [[] for _ in range(sites)]
    for one in known:
        rows = random.permutation(np.flatnonzero(labels == one))
        having = [site for site in range(sites) if one in theirs[site]]
        for site, part in zip(having, np.array_split(rows, len(having) or 1), strict=False):
            parts[site].append(part)
    return [_joined(part) for part in parts]


def evenly(labels: NDArray[np.integer[Any]], sites: int, *, seed: int) -> list[Rows]:
    """By lot, and as many for each."""
    rows = np.random.default_rng(seed).permutation(len(labels))
    return [np.sort(part) for part in np.array_split(rows, sites)]


def _dealt_by_shares(
    labels: NDArray[np.integer[Any]], sites: int, concentration: float, random: np.random.Generator
) -> list[Rows]:
    parts: list[list[Rows]] = [[] for _ in range(sites)]
    sizes = np.zeros(sites)
    for one in np.unique(labels):
        rows = random.permutation(np.flatnonzero(labels == one))
        has_room = sizes < len(labels) / sites
        shares = random.dirichlet(np.full(sites, concentration)) * has_room
        if not shares.any():
            # A small concentration gives one site everything, and that one may have its part.
            shares = has_room / has_room.sum()
        ends = (np.cumsum(shares / shares.sum())[:-1] * len(rows)).astype(np.intp)
        for site, part in enumerate(np.split(rows, ends)):
            parts[site].append(part)
            sizes[site] += len(part)
    return [_joined(part) for part in parts]


def _chosen(known: NDArray[Any], own: Any, count: int, random: np.random.Generator) -> set[Any]:  # noqa: ANN401
    others = random.permutation(known[known != own])[: count - 1]
    return {own, *others.tolist()}


def _joined(parts: Sequence[Rows]) -> Rows:
    return np.sort(np.concatenate(parts)) if parts else np.empty(0, np.intp)
