"""Where to cut for the shortest expected time of a record, or for the fewest bytes: both are sums along the way.

Expected time = for each tier used, the share of the records that come to it x (its segment + the head of its exit)
+ for each link, the share that crosses it x (bytes / bandwidth + fixed cost). Waiting in queues is not in it: it is the
time of a record that meets no other. Neurosurgeon (Kang et al., ASPLOS 2017) chooses a single cut so, without exits.
"""

import math

from agent.training.cutting.network import Profile
from agent.training.cutting.outcome import Comparison, compared
from agent.training.cutting.recursion import Cost, best_ways, microbytes, picoseconds
from agent.training.cutting.table import Load, Table
from shared.errors import DocumentError


def fastest(profile: Profile, *, keep: int = 5, busy_limit_s: float = math.inf) -> Comparison:
    """The cuttings of least expected time; among equals, of fewest bytes, then of fewest tiers.

    `keep` are compared, the best among them. To hold a load of r records/s, `busy_limit_s` is 1 / r. Raises
    DocumentError, saying what is missing, where no cutting is possible.
    """
    table = Table(profile)
    found = best_ways(table, _time_then_bytes, added, keep=keep, busy_limit_ps=_limit_ps(busy_limit_s))
    return compared(table, found, keep=keep)


def fewest_bytes(
    profile: Profile, *, above: str | None = None, keep: int = 5, busy_limit_s: float = math.inf
) -> Comparison:
    """The cuttings of fewest expected bytes, on all links or on the one above a tier; among equals, the fastest.

    Raises DocumentError where no link lies above that tier, and as `fastest` does.
    """
    table = Table(profile)
    counted = _links(table, above)

    def bytes_then_time(load: Load) -> Cost:
        return microbytes(load.bytes) if load.link in counted else 0, picoseconds(load.seconds)

    found = best_ways(table, bytes_then_time, added, keep=keep, busy_limit_ps=_limit_ps(busy_limit_s))
    return compared(table, found, keep=keep)


def added(cost: Cost, more: Cost) -> Cost:
    return tuple(one + other for one, other in zip(cost, more, strict=True))


def _limit_ps(busy_limit_s: float) -> float:
    """Rounded as what is compared with it."""
    return busy_limit_s if math.isinf(busy_limit_s) else picoseconds(busy_limit_s)


def _time_then_bytes(load: Load) -> Cost:
    return picoseconds(load.seconds), microbytes(load.bytes)


def _links(table: Table, above: str | None) -> set[int]:
    if above is None:
        return set(range(len(table.links)))
    names = [tier.name for tier in table.tiers[:-1]]
    if above not in names:
        raise DocumentError(f"no link lies above a tier {above!r}", field="links")
    return {names.index(above)}
