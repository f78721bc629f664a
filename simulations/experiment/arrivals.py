"""When each client's records are due. Pure: the same load, client and seed give the same times."""

import numpy as np
from numpy.typing import NDArray

from simulations.experiment.document import Arrivals, Load

# Its own branch of the seed's tree, so that no other user of the seed draws the same numbers.
_BRANCH = 1
_CHUNK = 1024

Times = NDArray[np.float64]


def due_times(load: Load, client: int, seed: int, *, trace: Times | None = None) -> Times:
    """Seconds after the load's begin, ascending, `float64[records]`; `client` from 0.

    Open loop: nothing here knows of answers. Clients draw from independent streams (numpy's SeedSequence, spawned by
    client), and a longer load begins with the times of a shorter one. `trace` has the times of all clients, ascending.
    Raises ValueError for a load without end, rate or trace, which `check` tells of before.
    """
    random = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_BRANCH, client)))
    match load.arrivals:
        case Arrivals.BURST:
            return _within(load, np.arange(_records(load)) / load.rate if load.rate else np.zeros(_records(load)))
        case Arrivals.POISSON:
            return _poisson(load, random)
        case Arrivals.UNIFORM:
            return _uniform(load, random)
        case Arrivals.TRACE:
            return _traced(load, client, trace)


def _poisson(load: Load, random: np.random.Generator) -> Times:
    rate, end_s = _rate(load), _end_s(load)
    chunks: list[Times] = []
    reached, drawn = 0.0, 0
    while reached < end_s and drawn < (load.records or np.inf):
        # Summed from what was reached, so that the times do not depend on how many are drawn at once.
        chunk = np.cumsum(np.concatenate(([reached], random.standard_exponential(_CHUNK) / rate)))[1:]
        chunks.append(chunk)
        reached, drawn = float(chunk[-1]), drawn + _CHUNK
    return _within(load, np.concatenate(chunks))


def _uniform(load: Load, random: np.random.Generator) -> Times:
    rate, end_s = _rate(load), _end_s(load)
    by_end = np.inf if end_s == np.inf else np.ceil(end_s * rate) + 1
    records = int(min(by_end, load.records or np.inf))
    return _within(load, (random.random() + np.arange(records, dtype=np.float64)) / rate)


def _traced(load: Load, client: int, trace: Times | None) -> Times:
    if trace is None:
        raise ValueError("arrivals from a trace need its times")
    return _within(load, trace[client :: load.clients].astype(np.float64))


def _within(load: Load, times: Times) -> Times:
    kept = times if load.duration is None else times[times < load.duration]
    return kept[: load.records]


def _records(load: Load) -> int:
    if load.records is None:
        raise ValueError("a burst needs `records`")
    return load.records


def _rate(load: Load) -> float:
    if not load.rate:
        raise ValueError(f"{load.arrivals} arrivals need a `rate`")
    return float(load.rate)


def _end_s(load: Load) -> float:
    """Infinite where only the number of records ends the load."""
    if load.duration is None and load.records is None:
        raise ValueError("a load needs `records` or a `duration`")
    return np.inf if load.duration is None else float(load.duration)
