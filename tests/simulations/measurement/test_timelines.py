"""Over time: each step knows what happened in it, and nothing of what did not."""

import math

import numpy as np
import pytest

from simulations.measurement.columns import from_rows
from simulations.measurement.rows import LagRow, RecordRow, ResourceRow
from simulations.measurement.timelines import (
    Steps,
    answered_per_s,
    cores,
    due_per_s,
    lag,
    latency_ms,
    memory_bytes,
)

S = 1_000_000
STEPS = Steps(begin_us=100 * S, step_s=2.0, count=3)


def record(due_s: float, answered_s: float | None) -> RecordRow:
    due_us = int((100 + due_s) * S)
    answered_us = None if answered_s is None else int((100 + answered_s) * S)
    return RecordRow(
        cell=0, repetition=0, client=0, number=0, id="", due_us=due_us, sent_us=due_us, answered_us=answered_us
    )


def look(at_s: int, *, cpu_s: float, rss_bytes: int = 0) -> ResourceRow:
    return ResourceRow(cell=0, repetition=0, at_us=(100 + at_s) * S, program="agent", cpu_s=cpu_s, rss_bytes=rss_bytes)


def close(found: object, expected: list[float]) -> bool:
    return bool(np.asarray(found).tolist() == pytest.approx(expected, nan_ok=True))


RECORDS = from_rows(RecordRow, [record(0, 0.5), record(1, 4.5), record(2, None), record(-1, 0), record(9, 10)])


def test_latency_belongs_to_the_step_in_which_a_record_was_due() -> None:
    assert close(latency_ms(RECORDS, 1.0, STEPS), [3500.0, math.inf, math.nan])


def test_answers_belong_to_the_step_in_which_they_came() -> None:
    assert close(answered_per_s(RECORDS, STEPS), [1.0, 0.0, 0.5])
    assert close(due_per_s(RECORDS, STEPS), [1.0, 0.5, 0.0])


def test_moments_are_the_middles_of_their_steps() -> None:
    assert close(STEPS.middles_s, [1.0, 3.0, 5.0])


def test_lag_is_the_mean_of_the_looks_at_that_tier() -> None:
    looks = [
        LagRow(cell=0, repetition=0, at_us=(100 + at) * S, tier=tier, records=records)
        for at, tier, records in [(0, "edge", 2), (1, "edge", 4), (1, "fog", 100), (5, "edge", 7)]
    ]
    assert close(lag(from_rows(LagRow, looks), "edge", STEPS), [3.0, math.nan, 7.0])


def test_a_restart_uses_nothing_that_is_known() -> None:
    looks = from_rows(ResourceRow, [look(0, cpu_s=5), look(1, cpu_s=6), look(3, cpu_s=0), look(5, cpu_s=1)])
    assert close(cores(looks, "agent", STEPS), [1.0, math.nan, 0.5])


def test_memory_is_what_was_seen() -> None:
    looks = from_rows(ResourceRow, [look(0, cpu_s=0, rss_bytes=10), look(4, cpu_s=0, rss_bytes=30)])
    assert close(memory_bytes(looks, "agent", STEPS), [10.0, math.nan, 30.0])


def test_of_what_was_never_looked_at_nothing_is_known() -> None:
    assert close(cores(from_rows(ResourceRow, []), "agent", STEPS), [math.nan] * 3)
    assert close(latency_ms(from_rows(RecordRow, []), 0.5, STEPS), [math.nan] * 3)
