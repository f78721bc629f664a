"""The cheapest ways through the tiers, by dynamic programming over tiers and positions.

A way says for every tier at which position its part ends; a tier that runs nothing ends where the one below it did.
Tiers at the top, at the bottom and between may run nothing, where their profiles allow it.

What the rest of a way costs depends on the position reached and on the share of the records still alive there. Exits
exist only at cuts, so the last cut with an exit settles that share. The state is (position, share alive, tiers used):
of the ways that meet in one, only the cheapest few can go on to be among the cheapest of all. That holds for any cost
that keeps its order when the same is put to both sides, as a sum does, and a maximum.

Costs are whole numbers, or the last digit of a sum would decide between equals before the second number is asked.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import reduce
from heapq import nsmallest
from typing import NamedTuple

from agent.training.cutting.obstacles import impossible
from agent.training.cutting.table import Load, Table

Cost = tuple[int, ...]
Price = Callable[[Load], Cost]
Together = Callable[[Cost, Cost], Cost]


class Way(NamedTuple):
    """In the order in which ways are preferred: cheaper, then with fewer tiers, then with less on the lower ones."""

    cost: Cost
    used: int
    ends: tuple[int, ...]


class _State(NamedTuple):
    position: int
    share: float
    used: int


class _Step(NamedTuple):
    """What one tier, and the link above it, add to a way."""

    state: _State
    loads: list[Load]


def picoseconds(seconds: float) -> int:
    return round(seconds * 1e12)


def microbytes(size: float) -> int:
    return round(size * 1e6)


def best_ways(
    table: Table, price: Price, together: Together, *, keep: int, busy_limit_ps: float = math.inf
) -> dict[int, list[Way]]:
    """The `keep` cheapest ways for each number of tiers used, the cheapest first.

    Costs are compared from their first number on. No tier or link of a way is busy for longer than `busy_limit_ps` a
    record. Raises DocumentError, saying what is missing, where there is no way at all.
    """
    states = {_State(0, 1.0, 0): [Way(price(Load()), 0, ())]}
    for tier in range(len(table.tiers)):
        found: defaultdict[_State, list[Way]] = defaultdict(list)
        for state, ways in states.items():
            for after, loads in _steps(table, tier, state):
                if all(picoseconds(load.busy_s) <= busy_limit_ps for load in loads):
                    costs = [price(load) for load in loads]
                    found[after] += [
                        Way(reduce(together, costs, way.cost), after.used, (*way.ends, after.position)) for way in ways
                    ]
        states = {state: nsmallest(keep, ways) for state, ways in found.items()}
    finished: defaultdict[int, list[Way]] = defaultdict(list)
    for state, ways in states.items():
        if state.position == table.end:
            finished[state.used] += ways
    if not finished:
        raise impossible(table, busy_limit_ps / 1e12)
    return {used: nsmallest(keep, ways) for used, ways in sorted(finished.items())}


def _steps(table: Table, tier: int, state: _State) -> Iterator[_Step]:
    position, share, used = state
    if table.tiers[tier].can_be_left_out:
        yield _Step(state, _upward(table, tier, position, share))
    for run in table.tiers[tier].runs(position):
        alive = table.alive(run.end, share)
        loads = [table.part(tier, run, share), *_upward(table, tier, run.end, alive)]
        yield _Step(_State(run.end, alive, used + 1), loads)


def _upward(table: Table, tier: int, position: int, share: float) -> list[Load]:
    """No link lies above the top; what has come to the output is answered, and loads no link."""
    return [table.crossing(tier, position, share)] if tier < len(table.links) else []
