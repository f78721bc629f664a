"""The highest value of a setting that still holds, by halving what is not known yet. Pure.

Halves are of the ratio, not of the difference: what is known in the end is known to a share of the value, wherever
between the bounds it lies.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

# Of a value that is tried, so that people can read it.
DIGITS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """0 < low < high. It is found when what holds and what does not are no farther apart than `tolerance`, a share of
    the lower one; of whole numbers also when they are neighbours."""

    low: float
    high: float
    tolerance: float
    is_whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """`holds`: the highest value that held, `fails`: the lowest that did not. `next`: to be tried, None when all is
    known: also when the lowest failed or the highest held."""

    holds: float | None = None
    fails: float | None = None
    next: float | None = None


def progress(within: Range, verdicts: Sequence[bool]) -> Progress:
    """After the values that it gave as `next` one after the other, from none on, held or not."""
    found = Progress(next=within.low)
    for verdict in verdicts:
        if found.next is None:
            break
        found = _narrowed(within, found, found.next, holds=verdict)
    return found


def most_tries(within: Range) -> int:
    """No search takes more: both ends, each halving, and one more for what rounding took from them."""
    halvings = math.log2(math.log(within.high / within.low) / math.log1p(within.tolerance))
    return 2 + max(0, math.ceil(halvings)) + 1


def _narrowed(within: Range, known: Progress, tried: float, *, holds: bool) -> Progress:
    low, high = (tried, known.fails) if holds else (known.holds, tried)
    return Progress(holds=low, fails=high, next=_next(within, low, high))


def _next(within: Range, low: float | None, high: float | None) -> float | None:
    if low is None or low == within.high:
        return None
    return within.high if high is None else _between(within, low, high)


def _between(within: Range, low: float, high: float) -> float | None:
    """None when they are close enough, or nothing lies between."""
    if high <= low * (1 + within.tolerance):
        return None
    middle = math.sqrt(low) * math.sqrt(high)
    candidates = (round(middle), math.ceil(middle)) if within.is_whole else (float(f"{middle:.{DIGITS}g}"), middle)
    return next((float(one) for one in candidates if low < one < high), None)
