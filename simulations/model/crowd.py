"""The arrivals of many clients at once: of the same distribution as `due_times`, not the same draws.

Asking 100,000 clients one by one takes longer than simulating them.
"""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from simulations.experiment.document import Arrivals, Load

# From so many clients on a crowd is drawn; below, the model and a real run have the very same arrivals.
CROWD = 1_000


def is_crowd(load: Load) -> bool:
    """A trace is read, not drawn."""
    return load.clients >= CROWD and load.arrivals is not Arrivals.TRACE


def crowd(load: Load, random: Generator) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Of each record its client and the seconds after the load's begin, sorted by client, then by time.

    Raises ValueError for a load without end or rate.
    """
    match load.arrivals:
        case Arrivals.POISSON if load.records is None:
            return _poisson(load, random)
        case Arrivals.POISSON:
            gaps = random.standard_exponential((load.clients, _most(load))) / _rate(load)
            return _within(load, np.cumsum(gaps, axis=1))
        case Arrivals.UNIFORM:
            return _within(load, (random.random((load.clients, 1)) + np.arange(_most(load))) / _rate(load))
        case _:
            each = np.arange(_most(load)) / load.rate if load.rate else np.zeros(_most(load))
            return _within(load, np.broadcast_to(each, (load.clients, len(each))))


def _poisson(load: Load, random: Generator) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Many Poisson processes are one of their rates' sum, each event of it anybody's; given their number, its times are
    uniform. J. F. C. Kingman, "Poisson Processes" (1993), sections 2.2 and 2.4."""
    if load.duration is None:
        raise ValueError("a load needs `records` or a `duration`")
    count = random.poisson(load.clients * _rate(load) * load.duration)
    client = random.integers(load.clients, size=count)
    times = random.random(count) * load.duration
    order = np.lexsort((times, client))
    return client[order], times[order]


def _within(load: Load, times: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    client = np.broadcast_to(np.arange(load.clients)[:, None], times.shape)
    kept = times < (np.inf if load.duration is None else load.duration)
    return client[kept], times[kept]


def _most(load: Load) -> int:
    """Of records a client."""
    if load.records is not None:
        return load.records
    if load.duration is None:
        raise ValueError("a load needs `records` or a `duration`")
    return int(np.ceil(load.duration * _rate(load))) + 1


def _rate(load: Load) -> float:
    if not load.rate:
        raise ValueError(f"{load.arrivals} arrivals need a `rate`")
    return float(load.rate)
