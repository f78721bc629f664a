"""What the continuum won against the cloud alone and what it lost, in one sentence. Pure."""

import math
from collections.abc import Iterator

from simulations.demo.over_links.figures import Comparison

# Nearer to one than this, a ratio of two latencies is noise on a machine that does other things too.
SAME = 1.05


def verdict(found: Comparison) -> str:
    won, lost = list(_told(found, better=True)), list(_told(found, better=False))
    if not won:
        return f"Nothing won by the continuum; lost: {_listed(lost)}." if lost else "The two do the same."
    return f"Won by the continuum: {_listed(won)}; {f'lost: {_listed(lost)}' if lost else 'nothing lost'}."


def _told(found: Comparison, *, better: bool) -> Iterator[str]:
    """What is better, or what is worse."""
    mine, others = found.continuum, found.cloud_only
    for percentile, who in (("p50", "half of the images are"), ("p99", "the slowest hundredth is")):
        this, that = mine.latency_ms[percentile], others.latency_ms[percentile]
        if (ratio := _ratio(this, that, better=better)) > SAME:
            yield f"{who} {_answered(ratio, better=better)}"
    link, preset = next(iter(found.links.items()))
    this, that = mine.bytes_up[link], others.bytes_up[link]
    if (this < that) if better else (this > that):
        yield f"{abs(that - this) / max(that, 1):.0%} {'fewer' if better else 'more'} bytes go up the {preset} link"
    points = 100 * ((mine.accuracy or 0) - (others.accuracy or 0)) * (1 if better else -1)
    if points >= 0.05:
        yield f"{points:.1f} points of accuracy"
    answers = (others.unanswered - mine.unanswered) * (1 if better else -1)
    if answers > 0:
        yield f"{answers:,} answers that {'would never have come' if better else 'never came'}"


def _ratio(mine: float, others: float, *, better: bool) -> float:
    slow, fast = (others, mine) if better else (mine, others)
    return 1.0 if math.isinf(fast) else slow / fast if fast else math.inf


def _answered(ratio: float, *, better: bool) -> str:
    if math.isinf(ratio):
        return "answered at all" if better else "never answered"
    times = f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.1f}"
    return f"answered {times} times {'sooner' if better else 'later'}"


def _listed(parts: list[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else parts[0]
