"""What ways through a log take, read off the records that had nothing before them. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulations.experiment.document import CLIENTS, Experiment
from simulations.experiment.places import path
from simulations.experiment.presets import ResolvedLink, resolved
from simulations.measurement.columns import Columns, chosen
from simulations.measurement.run_folder import Tables
from simulations.model.answers import RESPONSE_BYTES
from simulations.model.clients import REQUEST_BYTES
from simulations.model.fit_batches import MOST_SPREAD, Batches
from simulations.model.noise import mean_of, median_of
from simulations.model.weather import Weather

Floats = NDArray[np.float64]
_DRAWS = 2048
_BISECTIONS = 20
# What acknowledging takes beside the links.
_SETTLING_US = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Lognormal: the median in seconds, and the standard deviation of the logarithm."""

    median_s: float
    spread: float

    @classmethod
    def of(cls, mean_s: float, spread: float) -> "Way":
        return cls(median_s=median_of(mean_s, spread), spread=spread)

    @property
    def mean_s(self) -> float:
        return mean_of(self.median_s, self.spread)

    def draws(self, count: int) -> Floats:
        """Others than `solved` draws itself."""
        return np.asarray(self.median_s * np.exp(self.spread * np.random.default_rng(1).standard_normal(count)))


def solved(seconds: Floats, base: Floats) -> Way:
    """What must be added to `base`, draws of what is known, to have the median and the 90th percentile of `seconds`.

    Nothing where there are none, and nothing where the base alone takes longer.
    """
    if not len(seconds):
        return Way(median_s=0.0, spread=0.0)
    middle, high = map(float, np.quantile(seconds, [0.5, 0.9]))
    normal = np.random.default_rng(0).standard_normal(len(base))
    low_spread, high_spread = 0.0, MOST_SPREAD
    for _ in range(_BISECTIONS):
        spread = (low_spread + high_spread) / 2
        factors = np.exp(spread * normal)
        if np.quantile(base + _median(base, factors, middle) * factors, 0.9) < high:
            low_spread = spread
        else:
            high_spread = spread
    return Way(median_s=_median(base, np.exp(low_spread * normal), middle), spread=low_spread)


def _median(base: Floats, factors: Floats, wanted: float) -> float:
    low, high = 0.0, max(wanted, 0.0)
    for _ in range(_BISECTIONS):
        tried = (low + high) / 2
        if np.median(base + tried * factors) < wanted:
            low = tried
        else:
            high = tried
    return low


def link_draws(experiment: Experiment, index: int, size: int, *, up: bool) -> Floats:
    """What the links take to a tier from the one below, or from a tier to the clients: `float64[2048]` seconds."""
    tiers = experiment.tiers
    below = tiers[index - 1].name if index and up else CLIENTS
    links = {link.name: resolved(link) for link in experiment.links}
    random = np.random.default_rng(index)
    total = np.zeros(_DRAWS)
    for name in path(experiment, below, tiers[index].name):
        total += _draws(links[name], size + (REQUEST_BYTES if up else RESPONSE_BYTES), random, up=up)
    return total


def _draws(link: ResolvedLink, size: int, random: np.random.Generator, *, up: bool) -> Floats:
    weather = Weather(latency_s=link.latency_s, jitter_s=link.jitter_s, distribution=link.distribution)
    bandwidth = link.up_bytes_per_s if up else link.down_bytes_per_s
    return np.asarray(weather.delays(random, _DRAWS) / 1e9 + size / bandwidth, dtype=np.float64)


def appending(experiment: Experiment, tables: Tables) -> Way | None:
    """From a client's request to its acknowledgement, without the links; None where nothing was acknowledged."""
    records = tables.records
    alone = chosen(records, _is_alone(records) & ~np.isnan(records["acked_us"]))
    if not len(alone["id"]):
        return None
    back_s = latency_s(experiment, CLIENTS, experiment.tiers[0].name)
    known = link_draws(experiment, 0, REQUEST_BYTES, up=True) + back_s
    return solved((alone["acked_us"] - alone["sent_us"]) / 1e6, known)


def latency_s(experiment: Experiment, place_a: str, place_b: str) -> float:
    latencies = {link.name: resolved(link).latency_s for link in experiment.links}
    return sum(latencies[name] for name in path(experiment, place_a, place_b))


def arriving(experiment: Experiment, index: int, tables: Tables, seen: Batches) -> Floats:
    """Seconds from the sender to an agent that had nothing else to do, over a way on which nothing was before."""
    sent = _sent_by_clients(tables.records) if not index else _sent_by(experiment, index - 1, tables.hops)
    sent_us = np.array([sent.get(one, np.nan) for one in _keys(seen.first)])
    before_us = np.where(seen.follows, np.r_[0, seen.first["sent_us"][:-1]], 0)
    is_free = before_us <= sent_us
    return np.asarray((seen.first["received_us"] - sent_us)[is_free] / 1e6, dtype=np.float64)


def _sent_by_clients(records: Columns) -> dict[tuple[int, int, str], float]:
    alone = chosen(records, _is_alone(records))
    return dict(zip(_keys(alone), alone["sent_us"].tolist(), strict=True))


def _sent_by(experiment: Experiment, index: int, hops: Columns) -> dict[tuple[int, int, str], float]:
    """What a tier forwarded while nothing else of the same node was on its way."""
    lower, upper = experiment.tiers[index : index + 2]
    went_on = set(_keys(chosen(hops, hops["tier"] == upper.name)))
    here = chosen(hops, hops["tier"] == lower.name)
    here = chosen(here, np.array([key in went_on for key in _keys(here)], dtype=np.bool_))
    order = np.lexsort((here["sent_us"], here["node"].astype(str), here["repetition"], here["cell"]))
    here = chosen(here, order)
    same = _is_same(here, "node")
    is_free = np.r_[True, ~same | (np.diff(here["sent_us"]) > held_us(experiment, index))][: len(order)]
    alone = chosen(here, is_free)
    return dict(zip(_keys(alone), alone["sent_us"].tolist(), strict=True))


def held_us(experiment: Experiment, index: int) -> float:
    """Within which what a tier forwarded is acknowledged, with something to spare."""
    pair = [tier.name for tier in experiment.tiers[index : index + 2]]
    return 3e6 * latency_s(experiment, pair[0], pair[-1]) + _SETTLING_US


def answering(experiment: Experiment, index: int, tables: Tables) -> Floats:
    """Seconds from a tier to its client, where the clients had asked for answers before this one was sent."""
    name = experiment.tiers[index].name
    hops = chosen(tables.hops, tables.hops["tier"] == name)
    sent = dict(zip(_keys(hops), hops["sent_us"].tolist(), strict=True))
    mine = chosen(tables.records, (tables.records["tier"] == name) & ~tables.records["degraded"])
    mine = chosen(mine, np.lexsort((mine["answered_us"], mine["repetition"], mine["cell"])))
    sent_us = np.array([sent.get(one, np.nan) for one in _keys(mine)])
    asked_us = mine["answered_us"] + 1e6 * latency_s(experiment, CLIENTS, name)
    same = _is_same(mine, "cell")
    is_free = np.r_[True, ~same | (asked_us[:-1] <= sent_us[1:])][: len(sent_us)]
    return np.asarray((mine["answered_us"] - sent_us)[is_free & ~np.isnan(sent_us)] / 1e6, dtype=np.float64)


def _is_alone(records: Columns) -> NDArray[np.bool_]:
    """No earlier record of its client was under way when it was sent."""
    order = np.lexsort((records["sent_us"], records["client"], records["repetition"], records["cell"]))
    one = chosen(records, order)
    alone = np.ones(len(order), dtype=np.bool_)
    alone[order[1:]] = ~_is_same(one, "client") | (one["acked_us"][:-1] <= one["sent_us"][1:])
    return alone


def _is_same(columns: Columns, name: str) -> NDArray[np.bool_]:
    """Whether each row but the first is of the repetition and `name` of the row before it."""
    same = np.ones(max(0, len(columns["cell"]) - 1), dtype=np.bool_)
    for one in ("cell", "repetition", name):
        same &= columns[one][1:] == columns[one][:-1]
    return same


def _keys(columns: Columns) -> list[tuple[int, int, str]]:
    names = ("cell", "repetition", "id")
    return list(zip(*(columns[name].tolist() for name in names), strict=True))
