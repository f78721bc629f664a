"""All records of a run, before anything has happened to them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.errors import DocumentError
from simulations.experiment.document import Experiment, Load
from simulations.experiment.planting import leaving, leaving_after_warm_up
from simulations.model.crowd import crowd, is_crowd
from simulations.model.nanoseconds import Times, all_nanoseconds, nanoseconds
from simulations.model.queues import grouped_departures
from simulations.model.service import ServiceTimes

DueTimes = Callable[[Load, int, int], NDArray[np.float64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """One row a record, sorted by client, then by due time. `leaves` is the index of the tier whose exit answers it."""

    client: NDArray[np.int64]
    number: NDArray[np.int64]
    due: Times
    sent: Times
    leaves: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.due)


@dataclass(frozen=True, slots=True)
class Draws:
    """What a turn settles: its seed, which repetition it is, and where records leave if that is known."""

    seed: int
    repetition: int = 0
    leaves: NDArray[np.int64] | None = None


def made(experiment: Experiment, service: ServiceTimes, due_times: DueTimes, draws: Draws) -> Records:
    """Raises DocumentError when planted shares do not fit the tiers."""
    client, due = _arrivals(experiment.load, due_times, draws.seed)
    moments = all_nanoseconds(due)
    cost = np.full(len(moments), nanoseconds(service.client_record_s), dtype=np.int64)
    return Records(
        client=client,
        number=_numbers(client),
        due=moments,
        sent=grouped_departures(client, moments, cost),
        leaves=_leaves(experiment, service, draws, due < experiment.load.warm_up),
    )


def _arrivals(load: Load, due_times: DueTimes, seed: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    if is_crowd(load):
        return crowd(load, np.random.default_rng(seed))
    due = [due_times(load, client, seed) for client in range(load.clients)]
    counts = [len(one) for one in due]
    return np.repeat(np.arange(load.clients, dtype=np.int64), counts), np.concatenate(due)


def _numbers(client: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of each record among those of its client."""
    return np.arange(len(client), dtype=np.int64) - np.searchsorted(client, client)


def shares(experiment: Experiment, service: ServiceTimes) -> NDArray[np.float64]:
    """Of all records, how many leave at each tier: planted, or as measured. Those of all tiers sum to one."""
    tiers = experiment.tiers
    if experiment.network.planted is not None:
        lower = np.array(experiment.network.planted.shares, dtype=np.float64)
        if len(lower) != len(tiers) - 1 or lower.sum() > 1 + 1e-9:
            raise DocumentError(
                f"needs {len(tiers) - 1} shares, one a tier but the last, of 100 % at most in all",
                field="network.planted.shares",
            )
        return np.append(lower, max(0.0, 1 - lower.sum()))
    leaving = np.array([service.of(tier.name).exit_share for tier in tiers[:-1]] + [1.0])
    arriving = np.concatenate([[1.0], np.cumprod(1 - leaving[:-1])])
    return np.asarray(leaving * arriving, dtype=np.float64)


def _leaves(
    experiment: Experiment, service: ServiceTimes, draws: Draws, warm_up: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Planted as in a real run. Measured shares are kept just as exactly, so that few records have no luck."""
    lower = shares(experiment, service)[:-1].tolist()
    if experiment.network.planted is not None:
        return leaving_after_warm_up(lower, warm_up, repetition=draws.repetition, seed=draws.seed)
    drawn = leaving(lower, len(warm_up), repetition=draws.repetition, seed=draws.seed)
    return drawn if draws.leaves is None else np.where(draws.leaves < 0, drawn, draws.leaves)
