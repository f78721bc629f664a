"""Service times from the tables of a real run, by the times that every record carries. Pure.

What a micro-batch costs is a line in its size, found by least squares. A thread and an event loop do one after the
other, so a micro-batch begins when it is there and the one before is done. Ways through a log are read off those
records alone that had nothing before them. What does not show in the tables is kept as it was.
"""

import msgspec
import numpy as np
from numpy.typing import NDArray

from shared.errors import DocumentError
from simulations.experiment.document import CLIENTS, Experiment, Tier
from simulations.experiment.places import path
from simulations.experiment.presets import resolved
from simulations.measurement.columns import Columns, chosen
from simulations.model.service import ServiceTimes, TierService

Floats = NDArray[np.float64]
_FEWEST_BATCHES = 10


def fitted(experiment: Experiment, records: Columns, hops: Columns, known: ServiceTimes) -> ServiceTimes:
    """Of one run. Raises DocumentError where a tier has too few micro-batches that found it idle."""
    tiers = {tier.name: _tier(experiment, index, records, hops, known) for index, tier in enumerate(experiment.tiers)}
    return msgspec.structs.replace(known, tiers=tiers, measured=f"fitted to a run of {experiment.name}")


def _tier(experiment: Experiment, index: int, records: Columns, hops: Columns, known: ServiceTimes) -> TierService:
    tier = experiment.tiers[index]
    here = chosen(hops, hops["tier"] == tier.name)
    before = known.of(tier.name)
    first, sizes, is_idle = _batches(here, tier)
    computing = _line(sizes, _busy_s(here, first, "received_us", "inferred_us"), before.infer_s + before.take_s)
    sending = _line(sizes, _busy_s(here, first, "inferred_us", "sent_us"), before.send_s + before.commit_s)
    sent_us, acked_us = _sent_here(experiment, index, records, hops)
    away_s = _one_way_s(experiment, index)
    appending_s = _typical((acked_us - sent_us) / 1e6 - 2 * away_s)
    replicate_s = before.replicate_s if tier.brokers > 1 else 0.0
    return msgspec.structs.replace(
        before,
        infer_s=max(0.0, computing[0] - before.take_s),
        infer_record_s=max(0.0, computing[1] - before.take_record_s),
        send_s=max(0.0, sending[0] - before.commit_s),
        send_record_s=sending[1],
        append_s=max(0.0, appending_s - replicate_s),
        fetch_s=_fetching_s(here, first[is_idle], hops if index else records, away_s),
        exit_share=float(np.sum(records["tier"] == tier.name) / max(1, len(here["id"]))),
    )


def _batches(here: Columns, tier: Tier) -> tuple[NDArray[np.int64], Floats, NDArray[np.bool_]]:
    """Of each micro-batch its first row, its size, and whether its node had nothing else under way."""
    order, begins, is_idle = _by_batch(here)
    if np.count_nonzero(is_idle) < _FEWEST_BATCHES:
        raise DocumentError(
            f"only {np.count_nonzero(is_idle)} micro-batches found an agent idle, {_FEWEST_BATCHES} are needed: "
            "fit to a run with less load",
            field=f"tiers.{tier.name}",
        )
    return order[begins], np.diff(np.r_[begins, len(order)]).astype(np.float64), is_idle


def _busy_s(here: Columns, first: NDArray[np.int64], there: str, done: str) -> Floats:
    """From when a micro-batch was there and the one before done, to when it was done itself."""
    begun, ended, node = here[there][first], here[done][first], here["node"][first]
    follows = np.r_[False, node[1:] == node[:-1]]
    before = np.where(follows, np.r_[0, ended[:-1]], 0)
    return np.asarray((ended - np.maximum(begun, before)) / 1e6, dtype=np.float64)


def _by_batch(here: Columns) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Rows by node and micro-batch, where in them each micro-batch begins, and whether its node was idle then."""
    order = np.lexsort((here["received_us"], here["node"].astype(str)))
    node, received = here["node"][order], here["received_us"][order]
    begins = np.flatnonzero(np.r_[True, (node[1:] != node[:-1]) | (received[1:] != received[:-1])])
    if not len(order):
        return order, begins[:0], np.empty(0, np.bool_)
    finished = np.maximum.reduceat(np.fmax(here["acked_us"], here["sent_us"])[order], begins)
    is_idle = np.ones(len(begins), dtype=np.bool_)
    for name in np.unique(node.astype(str)):
        mine = np.flatnonzero(node[begins] == name)
        is_idle[mine[1:]] = np.maximum.accumulate(finished[mine])[:-1] <= received[begins[mine[1:]]]
    return order, begins, is_idle


def _line(sizes: Floats, seconds: Floats, known_s: float) -> tuple[float, float]:
    """Seconds of a micro-batch and of each record in it, neither below nothing.

    Micro-batches of one size tell of the sum only: what each of them costs stays as it was known.
    """
    deviations = sizes - sizes.mean()
    if not deviations.any():
        begin = min(known_s, float(np.median(seconds)))
        return begin, float((np.median(seconds) - begin) / sizes[0])
    slope = float(deviations @ seconds / (deviations @ deviations))
    begin = float(seconds.mean() - slope * sizes.mean())
    if begin < 0:
        return 0.0, float(sizes @ seconds / (sizes @ sizes))
    return (begin, slope) if slope >= 0 else (float(seconds.mean()), 0.0)


def _sent_here(experiment: Experiment, index: int, records: Columns, hops: Columns) -> tuple[Floats, Floats]:
    """When records were sent to this tier with nothing before them, and when the sender knew that they had arrived."""
    if not index:
        order = np.lexsort((records["sent_us"], records["client"]))
        client, sent, acked = (records[name][order] for name in ("client", "sent_us", "acked_us"))
        is_free = np.r_[True, (client[1:] != client[:-1]) | (acked[:-1] <= sent[1:])]
        return sent[is_free], acked[is_free]
    lower = chosen(hops, hops["tier"] == experiment.tiers[index - 1].name)
    order, begins, is_idle = _by_batch(lower)
    sizes = np.diff(np.r_[begins, len(order)])
    went_on = order[np.repeat(is_idle, sizes)]
    went_on = went_on[np.isin(lower["id"][went_on], hops["id"][hops["hop"] == index])]
    return lower["sent_us"][went_on], lower["acked_us"][went_on]


def _fetching_s(here: Columns, first: NDArray[np.int64], senders: Columns, away_s: float) -> float:
    """From a record's place in the log to its receipt by an agent that had nothing else to do."""
    acked = dict(zip(senders["id"].tolist(), senders["acked_us"].tolist(), strict=True))
    if "hop" in senders:
        before = senders["hop"] == (here["hop"][0] - 1)
        acked = dict(zip(senders["id"][before].tolist(), senders["acked_us"][before].tolist(), strict=True))
    known = np.array([acked.get(one, np.nan) for one in here["id"][first].tolist()])
    return max(0.0, _typical((here["received_us"][first] - known) / 1e6 + away_s))


def _one_way_s(experiment: Experiment, index: int) -> float:
    tiers = experiment.tiers
    names = path(experiment, tiers[index - 1].name if index else CLIENTS, tiers[index].name)
    latencies = {link.name: resolved(link).latency_s for link in experiment.links}
    return sum(latencies[name] for name in names)


def _typical(seconds: Floats) -> float:
    known = seconds[~np.isnan(seconds)]
    return float(np.median(known)) if len(known) else 0.0
