"""What privacy has cost: the epsilon of so many noised updates of one participant, by Renyi differential privacy.

Mironov, Renyi Differential Privacy, CSF 2017 (arXiv 1702.07476), proposition 7 for the Gaussian mechanism, by the
library dp-accounting; nothing is sampled. One that has no noise promises nothing, and no epsilon is told.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from shared.documents.federation import Privacy
from shared.errors import UnavailableError
from shared.importing import importing

_MOST_UPDATES = 2**30


@dataclass(frozen=True, slots=True, kw_only=True)
class Accountant:
    """`epsilon`: of so many updates, at the federation's delta; None where nothing is promised.

    `most_updates`: of one participant, before `most_epsilon` would be exceeded; None: any number.
    """

    epsilon: Callable[[int], float | None]
    most_updates: int | None


def accountant(privacy: Privacy | None) -> Accountant:
    """Raises UnavailableError where the library is missing, and is needed. It takes seconds to load, and 80 MiB."""
    if privacy is None or not privacy.noise:
        return Accountant(epsilon=lambda _: None, most_updates=None)
    noise, delta = privacy.noise, privacy.delta
    spent = cache(lambda updates: gaussian_epsilon(noise, delta, updates))
    spent(1)
    most = None if privacy.most_epsilon is None else _most(spent, privacy.most_epsilon)
    return Accountant(epsilon=spent, most_updates=most)


def gaussian_epsilon(noise: float, delta: float, updates: int) -> float:
    """`noise`: standard deviation over the length that one update can have. Raises UnavailableError."""
    if not updates:
        return 0.0
    try:
        with importing():
            events, rdp = import_module("dp_accounting"), import_module("dp_accounting.rdp")
    except ImportError as error:
        raise UnavailableError(f"nothing here reckons privacy: {error}; install fogline[federation]") from error
    reckoned = rdp.RdpAccountant()
    reckoned.compose(events.GaussianDpEvent(noise), updates)
    return float(reckoned.get_epsilon(delta))


def _most(spent: Callable[[int], float], most_epsilon: float) -> int:
    """By bisection: epsilon grows with every update."""
    low, high = 0, 1
    while high < _MOST_UPDATES and spent(high) <= most_epsilon:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if spent(middle) <= most_epsilon else (low, middle)
    return low
