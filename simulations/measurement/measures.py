"""What is measured in a cell: names, units and how each follows from its repetitions' tables."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulations.measurement.columns import Columns, chosen
from simulations.measurement.estimators import Estimator, Floats, Quantile, Ratio, Samples
from simulations.measurement.parts import split
from simulations.measurement.run_folder import Tables

PERCENTILES = (("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99), ("p99.9", 0.999))


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """`unit` is `share` for fractions of one. A count of records or bytes is the mean of a repetition."""

    name: str
    unit: str
    estimator: Estimator


def counted(records: Columns) -> Columns:
    """Without those of the warm-up."""
    return chosen(records, ~records["warm_up"])


def latencies_ms(records: Columns) -> Floats:
    """From the moment a record was due, not sent: a client that stalls hides nothing. Lost records are infinitely late,
    so that losing the slow ones makes no percentile better. Gil Tene's name for the mistake is coordinated omission."""
    found = (records["answered_us"] - records["due_us"]) / 1e3
    return np.where(np.isnan(found), np.inf, found)


def record_measures(repetitions: Sequence[Tables]) -> Iterator[Measure]:
    everything = [one.records for one in repetitions]
    records = [counted(one) for one in everything]
    yield from _latency_measures(records)
    yield from _outcome_measures(everything)
    yield _ratio("throughput", "records/s", records, _answered_count, _answering_s)
    yield _ratio("offered", "records/s", records, lambda one: len(one["due_us"]) - 1, _offering_s)
    yield from _answer_measures("", [_answered(one) for one in records])
    for tier in tiers(repetitions):
        yield from _tier_measures(tier, [_answered(one) for one in records])
    yield from _part_measures([(one, two.hops) for one, two in zip(records, repetitions, strict=True)])


def tiers(repetitions: Sequence[Tables]) -> tuple[str, ...]:
    """Those that records passed or were answered by, in the order in which they pass them."""
    answered = {tier for one in repetitions for tier in one.records["tier"].tolist() if tier is not None}
    hops: dict[str, int] = {}
    for one in repetitions:
        hops.update(zip(one.hops["tier"].tolist(), one.hops["hop"].tolist(), strict=True))
    return tuple(sorted(answered | hops.keys(), key=lambda tier: (hops.get(tier, len(hops)), tier)))


def _latency_measures(records: Sequence[Columns]) -> Iterator[Measure]:
    yield _ratio("latency_mean", "ms", [_answered(one) for one in records], lambda one: latencies_ms(one).sum(), _rows)
    yield from _quantiles("latency", "", [latencies_ms(one) for one in records])
    late = [(one["sent_us"] - one["due_us"]) / 1e3 for one in records]
    yield Measure(name="client_lateness_p99", unit="ms", estimator=Quantile(Samples(map(np.sort, late)), 0.99))


def _outcome_measures(records: Sequence[Columns]) -> Iterator[Measure]:
    """Of all records, those of the warm-up too: losing one of them is losing one."""
    yield _ratio("sent", "records", records, _rows, _once)
    yield _ratio("lost", "records", records, lambda one: int(_lost(one).sum()), _once)
    yield _ratio("doubled", "records", records, lambda one: np.maximum(one["answers"] - 1, 0).sum(), _once)
    yield _ratio("dead_lettered", "records", records, lambda one: int(_dead(one).sum()), _once)


def _tier_measures(tier: str, answered: Sequence[Columns]) -> Iterator[Measure]:
    here = [chosen(one, one["tier"] == tier) for one in answered]
    shares = Ratio(_numbers(here, _rows), _numbers(answered, _rows))
    yield Measure(name=f"exit_share.{tier}", unit="share", estimator=shares)
    yield _ratio(f"latency_mean.{tier}", "ms", here, lambda one: latencies_ms(one).sum(), _rows)
    yield from _quantiles("latency", f".{tier}", [latencies_ms(one) for one in here])
    yield from _answer_measures(f".{tier}", here)


def _answer_measures(suffix: str, answered: Sequence[Columns]) -> Iterator[Measure]:
    yield _ratio(f"accuracy{suffix}", "share", answered, _right, _judged)
    yield _ratio(f"degraded{suffix}", "share", answered, lambda one: int(one["degraded"].sum()), _rows)


def _part_measures(pairs: Sequence[tuple[Columns, Columns]]) -> Iterator[Measure]:
    """Means over the records whose way is known whole, so that the parts add up to those records' mean latency."""
    splits = [split(records, hops) for records, hops in pairs]
    known = np.array([len(one.rows) for one in splits], dtype=np.float64)
    for place, kind in dict.fromkeys(key for one in splits for key in one.parts):
        sums = [float(one.parts[place, kind].sum()) / 1e3 if (place, kind) in one.parts else 0.0 for one in splits]
        yield Measure(name=f"part.{place}.{kind}", unit="ms", estimator=Ratio(np.array(sums), known))
    answered = np.array([_answered_count(records) for records, _ in pairs], dtype=np.float64)
    yield Measure(name="parts_known", unit="share", estimator=Ratio(known, answered))
    disorder = np.array([float(one.disorder.sum()) / 1e3 for one in splits])
    whole = [latencies_ms(chosen(records, one.rows)).sum() for (records, _), one in zip(pairs, splits, strict=True)]
    yield Measure(name="parts_disorder", unit="share", estimator=Ratio(disorder, np.array(whole, dtype=np.float64)))


def _quantiles(name: str, suffix: str, samples: Sequence[Floats]) -> Iterator[Measure]:
    ordered = Samples(np.sort(one) for one in samples)
    for label, share in PERCENTILES:
        yield Measure(name=f"{name}_{label}{suffix}", unit="ms", estimator=Quantile(ordered, share))


def _ratio(
    name: str,
    unit: str,
    tables: Sequence[Columns],
    above: Callable[[Columns], float],
    below: Callable[[Columns], float],
) -> Measure:
    return Measure(name=name, unit=unit, estimator=Ratio(_numbers(tables, above), _numbers(tables, below)))


def _numbers(tables: Sequence[Columns], number: Callable[[Columns], float]) -> Floats:
    return np.array([number(one) for one in tables], dtype=np.float64)


def _rows(records: Columns) -> int:
    return len(records["cell"])


def _once(_: Columns) -> int:
    return 1


def _answered(records: Columns) -> Columns:
    return chosen(records, ~np.isnan(records["answered_us"]))


def _answered_count(records: Columns) -> int:
    return int((~np.isnan(records["answered_us"])).sum())


def _dead(records: Columns) -> NDArray[np.bool_]:
    given_up = np.array([reason is not None for reason in records["dead_letter"].tolist()], dtype=np.bool_)
    return given_up & np.isnan(records["answered_us"])


def _lost(records: Columns) -> NDArray[np.bool_]:
    return np.isnan(records["answered_us"]) & ~_dead(records)


def _judgeable(records: Columns) -> NDArray[np.bool_]:
    return ~np.isnan(records["label"]) & ~np.isnan(records["class"])


def _judged(answered: Columns) -> int:
    return int(_judgeable(answered).sum())


def _right(answered: Columns) -> int:
    return int((answered["label"] == answered["class"]).sum())


def _answering_s(records: Columns) -> float:
    """From the first record due to the last answer, in seconds."""
    last = np.nanmax(records["answered_us"]) if _answered_count(records) else np.nan
    return 0.0 if np.isnan(last) else float(last - records["due_us"].min()) / 1e6


def _offering_s(records: Columns) -> float:
    return float(records["due_us"].max() - records["due_us"].min()) / 1e6 if _rows(records) else 0.0
