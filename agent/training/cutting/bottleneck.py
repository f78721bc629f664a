"""Where to cut so that most records a second pass: under load the busiest tier or link is the limit.

The recursion is that of the sums, with the maximum in their place. Many cuttings have the same busiest station, and the
fastest of them cannot be found in the same recursion: a way with the busier beginning may be the better one, once a
station busier than both follows. So each limit that is found is handed to the recursion of the sums as a bound.
"""

from agent.training.cutting.latency import added
from agent.training.cutting.network import Profile
from agent.training.cutting.outcome import Comparison, compared
from agent.training.cutting.recursion import Cost, Way, best_ways, microbytes, picoseconds
from agent.training.cutting.table import Load, Table


def most_records(profile: Profile, *, keep: int = 5) -> Comparison:
    """The cuttings that hold most records/s; among equals, the fastest.

    `keep` are compared, the best among them. Raises DocumentError, saying what is missing, where no cutting is
    possible.
    """
    table = Table(profile)
    busiest = best_ways(table, _busy, _greater, keep=keep)
    found: dict[int, list[Way]] = {used: [] for used in busiest}
    for limit_ps in sorted({way.cost[0] for ways in busiest.values() for way in ways}):
        # Fewer than `keep` ways have a smaller limit, or this one would not be needed: the others have just this one.
        within = best_ways(table, _time_and_busy, _added_and_greater, keep=2 * keep, busy_limit_ps=limit_ps)
        for used, ways in within.items():
            found[used] = _first(found[used], ways, keep)
    return compared(table, found, keep=keep)


def _first(known: list[Way], fastest: list[Way], keep: int) -> list[Way]:
    """Both together, the least busy first, then the fastest."""
    turned = [way._replace(cost=(way.cost[-1], *way.cost[:-1])) for way in fastest]
    return sorted({*known, *turned})[:keep]


def _busy(load: Load) -> Cost:
    return (picoseconds(load.busy_s),)


def _greater(cost: Cost, more: Cost) -> Cost:
    return (max(cost[0], more[0]),)


def _time_and_busy(load: Load) -> Cost:
    return picoseconds(load.seconds), microbytes(load.bytes), picoseconds(load.busy_s)


def _added_and_greater(cost: Cost, more: Cost) -> Cost:
    return *added(cost[:-1], more[:-1]), max(cost[-1], more[-1])
