"""The answers' way down: every tier's own, and those of the tiers above that pass by."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulations.model.lines import Line
from simulations.model.nanoseconds import Times
from simulations.model.queues import in_order


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """One tier's: the record, its client, and when the answer was in the tier's log."""

    row: NDArray[np.int64]
    client: NDArray[np.int64]
    appended: Times
    bytes: int


def received(tiers: Sequence[Answers], downward: Sequence[Sequence[Line]]) -> list[Times]:
    """When each answer of each tier is with its client; `downward[i]`: the lines from tier i to the place before it.

    A client has a connection to each tier, on which nothing overtakes.
    """
    times = [answers.appended for answers in tiers]
    sizes = [np.full(len(answers.row), answers.bytes, dtype=np.int64) for answers in tiers]
    for lowest in reversed(range(len(tiers))):
        for line in downward[lowest]:
            _cross(line, times, sizes, lowest)
    return [_ordered(answers, arrived) for answers, arrived in zip(tiers, times, strict=True)]


def _cross(line: Line, times: list[Times], sizes: Sequence[NDArray[np.int64]], lowest: int) -> None:
    at = np.concatenate(times[lowest:])
    order = np.argsort(at, kind="stable")
    arrived = np.empty(len(at), np.int64)
    arrived[order] = line.send_all(at[order], np.concatenate(sizes[lowest:])[order])
    bounds = np.cumsum([len(one) for one in times[lowest:]])[:-1]
    times[lowest:] = np.split(arrived, bounds)


def _ordered(answers: Answers, arrived: Times) -> Times:
    order = np.lexsort((answers.appended, answers.client))
    ordered = np.empty(len(arrived), np.int64)
    ordered[order] = in_order(answers.client[order], arrived[order])
    return ordered
