"""Queues that need no events: first in, first out, one server, all arrivals known."""

import numpy as np
from numpy.typing import NDArray

from simulations.model.nanoseconds import Times


def departures(arrivals: Times, services: Times, *, free_from: int = 0) -> Times:
    """When each of these is done, in the order given; `arrivals` ascend. The server is busy until `free_from`.

    Lindley's recursion D[k] = max(A[k], D[k-1]) + S[k] unrolled: D[k] = C[k] + max over j <= k of (A[j] - C[j-1]), C
    the running sum of S. D. V. Lindley, "The theory of queues with a single server", Proceedings of the Cambridge
    Philosophical Society 48 (1952).
    """
    if not len(arrivals):
        return np.empty(0, np.int64)
    done = np.cumsum(services)
    starts = arrivals - (done - services)
    starts[0] = max(starts[0], free_from)
    return np.asarray(done + np.maximum.accumulate(starts), dtype=np.int64)


def grouped_departures(groups: NDArray[np.int64], arrivals: Times, services: Times) -> Times:
    """The same for a server of its own a group. Rows are sorted by group, then by arrival."""
    if not len(arrivals):
        return np.empty(0, np.int64)
    done = np.cumsum(services)
    starts = arrivals - (done - services)
    return np.asarray(done + _running_maximum(groups, starts), dtype=np.int64)


def in_order(groups: NDArray[np.int64], times: Times) -> Times:
    """Nothing of a group overtakes what stands before it: one TCP connection, say. Rows are sorted by group."""
    return _running_maximum(groups, times) if len(times) else np.empty(0, np.int64)


def _running_maximum(groups: NDArray[np.int64], values: Times) -> Times:
    """Groups are lifted above one another, so that one running maximum serves all."""
    ranks = np.cumsum(np.diff(groups, prepend=groups[0]) != 0)
    span = int(values.max()) - int(values.min()) + 1
    if span * (int(ranks[-1]) + 1) >= 2**62:
        return _one_by_one(ranks, values)
    lifts = ranks * span
    return np.asarray(np.maximum.accumulate(values + lifts) - lifts, dtype=np.int64)


def _one_by_one(ranks: NDArray[np.int64], values: Times) -> Times:
    """Where the lifted numbers would not fit."""
    begins = np.flatnonzero(np.diff(ranks, prepend=-1))
    return np.concatenate([np.maximum.accumulate(group) for group in np.split(values, begins[1:])])
