"""Answers counted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogline.answers import Latencies, Tallies
from shared.record.prediction import Prediction


def answer(
    tier: str,
    row: int,
    class_: int | None = 0,
    *,
    label: str | None = None,
    latency_ms: float = 1.0,
    degraded: bool = False,
) -> Prediction:
    return Prediction(
        id=f"{'ab' * 8}{row:016x}",
        deployment="fashion",
        values=[],
        class_=class_,
        label=label,
        confidence=None,
        tier=tier,
        node="n",
        model="m",
        version=1,
        degraded=degraded,
        latency_ms=latency_ms,
        trail=(),
    )


@given(st.lists(st.floats(0.001, 1e7), min_size=1, max_size=300), st.floats(0.01, 1))
def test_a_percentile_is_within_one_per_cent_of_the_nearest_rank(values: list[float], fraction: float) -> None:
    latencies = Latencies()
    for value in values:
        latencies.add(value)
    exact = float(np.percentile(values, fraction * 100, method="inverted_cdf"))
    assert latencies.percentile(fraction) == pytest.approx(exact, rel=0.0101)


def test_no_values_have_no_percentile() -> None:
    assert Latencies().percentile(0.5) is None


@given(st.floats(-1e9, 1e-3))
def test_clocks_that_disagree_count_as_no_latency(value: float) -> None:
    latencies = Latencies()
    latencies.add(value)
    assert latencies.percentile(0.5) == pytest.approx(0.001, rel=0.01)


@given(st.lists(st.tuples(st.sampled_from(["edge", "fog", "cloud"]), st.booleans()), min_size=1))
def test_shares_add_up_and_every_answer_is_counted_once(answers: list[tuple[str, bool]]) -> None:
    tallies = Tallies(["edge", "fog", "cloud"])
    for tier, degraded in answers:
        tallies.add(answer(tier, 0, degraded=degraded))
    summary = tallies.summary(seconds=2)
    assert [tier.tier for tier in summary.tiers] == ["edge", "fog", "cloud"]
    assert sum(tier.answers for tier in summary.tiers) == summary.answers == len(answers)
    assert sum(tier.share for tier in summary.tiers) == pytest.approx(1)
    assert sum(tier.degraded for tier in summary.tiers) == sum(degraded for _, degraded in answers)
    assert summary.records_per_s == len(answers) / 2


def test_accuracy_counts_only_records_whose_row_has_a_label() -> None:
    tallies = Tallies(["edge", "cloud"], labels=[7, 8])
    for one in (answer("edge", 0, 7), answer("edge", 1, 7), answer("cloud", 1, 8), answer("cloud", 2**63, 8)):
        tallies.add(one)
    tallies.add(answer("cloud", 0, None))
    summary = tallies.summary(seconds=0)
    assert summary.accuracy == pytest.approx(2 / 3)
    assert [tier.accuracy for tier in summary.tiers] == [0.5, 1.0]


def test_labels_may_be_names() -> None:
    tallies = Tallies(["edge"], labels=["normal", "bearing"])
    tallies.add(answer("edge", 0, 3, label="normal"))
    tallies.add(answer("edge", 1, 3, label="normal"))
    assert tallies.summary(seconds=1).accuracy == 0.5


def test_nothing_seen_is_no_accuracy_and_no_rate() -> None:
    summary = Tallies(["edge"]).summary(seconds=0)
    assert (summary.accuracy, summary.records_per_s, summary.tiers[0].p50_ms) == (None, 0.0, None)
