"""What the paper's figures show, and what Fogline answers, as claims that a run bears out or not. Pure.

Each claim is about a ratio of two cells with its 95 % interval: it holds where all of the interval bears it out, fails
where none of it does, and is open where the interval says both.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from simulations.measurement import statistics
from simulations.measurement.statistics import Interval
from simulations.paper.setups import Measured, Setup

MEAN, P99, LOST = "latency_mean", "latency_p99", "lost"
# Two means of which neither is more than this much greater than the other are taken for the same.
SAME = 0.1
# What response times of all three tiers over those of the cloud alone must not exceed, at so many clients.
CROWD, MUST = 32, {MEAN: 0.45, P99: 0.7}


class Verdict(StrEnum):
    HOLDS = "holds"
    OPEN = "open"
    FAILS = "fails"


class Origin(StrEnum):
    """Whose claim it is: what the paper shows, what Fogline does about it, or what Fogline set itself to reach."""

    PAPER = "paper"
    ANSWER = "answer"
    GOAL = "goal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """`where`: in which cells. `measure`: of what, such as `latency_mean, 32 clients / 1 client`."""

    origin: Origin
    claim: str
    where: str
    measure: str
    found: Interval
    verdict: Verdict


def shapes(cells: Sequence[Measured], *, seed: int) -> tuple[Shape, ...]:
    """All that the cells of one run can say, in the order in which the paper's figures come."""
    kinds = (sooner, reached, growing, upper_slower, idle_replicas, partitioned, batched, as_bytes)
    # What a fault hits is no part of a setup: such cells are like no other, and have nothing to be compared with.
    undisturbed = [cell for cell in cells if MEAN in cell.measures and not cell.setup.has_faults]
    return (*(shape for kind in kinds for shape in kind(undisturbed, seed)), *nothing_lost(cells, seed))


def sooner(cells: Sequence[Measured], seed: int) -> Iterator[Shape]:
    """With tiers near the clients, answers come sooner than from the cloud alone."""
    for cell, baseline in _with(cells, Setup.in_cloud_only):
        for name in (MEAN, P99):
            found = ratio(cell, baseline, name, seed=seed)
            yield _shape(Origin.PAPER, "sooner than cloud only", cell, f"{name} / cloud only", found, below(found, 1.0))


def reached(cells: Sequence[Measured], seed: int) -> Iterator[Shape]:
    for cell, baseline in _with(cells, Setup.in_cloud_only):
        if cell.setup.clients == CROWD and len(cell.setup.tiers) > 2:
            for name, bound in MUST.items():
                found = ratio(cell, baseline, name, seed=seed)
                yield _shape(
                    Origin.GOAL, f"at most {bound:g}", cell, f"{name} / cloud only", found, below(found, bound)
                )


def growing(cells: Sequence[Measured], seed: int) -> Iterator[Shape]:
    """The more clients send at once, the longer each waits."""
    for group in _groups(cells, lambda setup: replace(setup, clients=0)):
        few, *_, many = sorted(group, key=lambda cell: cell.setup.clients)
        found = ratio(many, few, MEAN, seed=seed)
        measure = f"{MEAN} / {few.setup.clients} client{'' if few.setup.clients == 1 else 's'}"
        yield _shape(Origin.PAPER, "grows with clients", many, measure, found, above(found, 1.0))


def upper_slower(cells: Sequence[Measured], seed: int) -> Iterator[Shape]:
    """What is answered farther up was longer under way. Where clients vary, the most of them stand for all."""
    for group in _groups(cells, lambda setup: replace(setup, clients=0), least=1):
        cell = max(group, key=lambda cell: cell.setup.clients)
        for lower, upper in pairwise(cell.setup.tiers):
            above_it, below_it = (cell.measures.get(f"{MEAN}.{tier}") for tier in (upper, lower))
            if above_it and below_it:
                found = _over(statistics.relative_difference(below_it, above_it, seed=seed))
                measure = f"{MEAN}, answered at {upper} / at {lower}"
                yield _shape(Origin.PAPER, "upper tiers are slower", cell, measure, found, above(found, 1.0))


def idle_replicas(cells: Sequence[Measured], seed: int) -> Iterator[Shape]:
    """Beyond two replicas, more of them change nothing on a single partition."""
    alone = [cell for cell in cells if cell.setup.partitions == {1}]
    for cell, two in _with(alone, lambda setup: replace(setup, replicas=frozenset({2}))):
        if min(cell.setup.replicas) > 2:
            found = ratio(cell, two, MEAN, seed=seed)
            verdict = same(found, SAME)
            yield _shape(Origin.PAPER, "no effect beyond two replicas", cell, f"{MEAN} / 2 replicas", found, verdict)


def partitioned(cells: Sequence[Measured], seed: int) -> Iterator[Shape]:
    """Replicas that have partitions of their own answer sooner: than as many without, than one."""
    one = frozenset({1})
    several = [cell for cell in cells if cell.setup.replicas == cell.setup.partitions != one]
    others: dict[str, Callable[[Setup], Setup]] = {
        "on one partition": lambda setup: replace(setup, partitions=one),
        "one replica": lambda setup: replace(setup, partitions=one, replicas=one),
    }
    for said, changed in others.items():
        for cell, other in _with(several, changed, among=cells):
            found = ratio(cell, other, MEAN, seed=seed)
            yield _shape(Origin.ANSWER, "a partition each", cell, f"{MEAN} / {said}", found, below(found, 1.0))


def batched(cells: Sequence[Measured], seed: int) -> Iterator[Shape]:
    """What waits is inferred, sent and committed together."""
    for cell, other in _with(cells, lambda setup: replace(setup, batches=frozenset({1}))):
        found = ratio(cell, other, MEAN, seed=seed)
        yield _shape(Origin.ANSWER, "micro-batches", cell, f"{MEAN} / {other.label}", found, below(found, 1.0))


def as_bytes(cells: Sequence[Measured], seed: int) -> Iterator[Shape]:
    """Features that travel as bytes are sooner at the upper tier."""
    raw = [cell for cell in cells if "raw" in cell.setup.features]
    for cell in cells:
        for other in raw:
            if cell is not other and replace(cell.setup, features=other.setup.features) == other.setup:
                found = ratio(cell, other, MEAN, seed=seed)
                verdict = below(found, 1.0)
                yield _shape(Origin.ANSWER, "features as bytes", cell, f"{MEAN} / {other.label}", found, verdict)


def nothing_lost(cells: Sequence[Measured], seed: int) -> Iterator[Shape]:
    """Whatever is killed, every record is answered."""
    for cell in cells:
        if cell.setup.has_faults and LOST in cell.measures:
            found = statistics.interval(cell.measures[LOST], seed=seed)
            verdict = Verdict.HOLDS if found.value == 0 else Verdict.FAILS
            yield _shape(Origin.GOAL, "no record lost", cell, "records lost a repetition", found, verdict)


def ratio(cell: Measured, other: Measured, name: str, *, seed: int) -> Interval:
    """Of `cell`'s measure over `other`'s; their repetitions are drawn independently."""
    return _over(statistics.relative_difference(other.measures[name], cell.measures[name], seed=seed))


def below(found: Interval, bound: float) -> Verdict:
    return _verdict(found, lambda ratio: ratio <= bound, certain=lambda low, high: high <= bound or low > bound)


def above(found: Interval, bound: float) -> Verdict:
    return _verdict(found, lambda ratio: ratio >= bound, certain=lambda low, high: low >= bound or high < bound)


def same(found: Interval, margin: float) -> Verdict:
    """A ratio within `margin` of 1, to either side by the same factor."""
    least, most = 1 / (1 + margin), 1 + margin
    return _verdict(
        found,
        lambda ratio: least <= ratio <= most,
        certain=lambda low, high: least <= low <= high <= most or high < least or low > most,
    )


def _verdict(found: Interval, is_so: Callable[[float], bool], *, certain: Callable[[float, float], bool]) -> Verdict:
    if found.low is None or found.high is None or not certain(found.low, found.high):
        return Verdict.OPEN
    return Verdict.HOLDS if is_so(found.value) else Verdict.FAILS


def _over(relative: Interval) -> Interval:
    low, high = (None if end is None else 1 + end for end in (relative.low, relative.high))
    return Interval(value=1 + relative.value, low=low, high=high)


def _with(
    cells: Sequence[Measured], changed: Callable[[Setup], Setup], *, among: Sequence[Measured] | None = None
) -> Iterator[tuple[Measured, Measured]]:
    """Each cell beside the one that is as it would be if changed so; itself is none."""
    known = {cell.setup: cell for cell in (cells if among is None else among)}
    for cell in cells:
        other = known.get(changed(cell.setup))
        if other is not None and other is not cell:
            yield cell, other


def _groups(cells: Sequence[Measured], key: Callable[[Setup], Setup], *, least: int = 2) -> Iterator[list[Measured]]:
    groups: dict[Setup, list[Measured]] = {}
    for cell in cells:
        if not cell.setup.has_faults:
            groups.setdefault(key(cell.setup), []).append(cell)
    yield from (group for group in groups.values() if len(group) >= least)


def _shape(origin: Origin, claim: str, cell: Measured, measure: str, found: Interval, verdict: Verdict) -> Shape:
    return Shape(origin=origin, claim=claim, where=cell.label, measure=measure, found=found, verdict=verdict)
