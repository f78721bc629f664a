"""Whether a site's records have become others than the federation learns from: seen by what is held back. Pure.

After each update the held-back records are judged by what was learnt. The share that is wrong, once for each of them,
goes through the same test as an online run's; when its mean has risen, that is told, and the test begins anew.
"""

from dataclasses import dataclass

from agent.training.online.page_hinkley import MEMORY, PageHinkley, watched
from agent.training.results import Results
from shared.documents import Rates


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBack:
    """`wrong`: the share of so many `records`."""

    wrong: float
    records: int


def held_back(results: Results, rates: Rates) -> HeldBack | None:
    """By the last exit; None where nothing was held back, or nothing can be right or wrong."""
    training, validation, test = rates.shares
    scores, share = (results.test, test) if results.test else (results.validation, validation)
    score = scores.get(results.exits[-1]) if results.exits else None
    if score is None or score.accuracy is None or not training:
        return None
    return HeldBack(wrong=1 - score.accuracy, records=max(1, round(results.records * share / training)))


def after(detector: PageHinkley, found: HeldBack) -> tuple[PageHinkley, bool]:
    """And whether it has drifted. A great part of an update's records says no more than MEMORY of them."""
    following, seen = watched(detector, [found.wrong] * min(found.records, MEMORY))
    return following, seen is not None
