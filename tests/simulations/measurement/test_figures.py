"""Figures of made-up runs whose every number can be reckoned by hand."""

import math
from collections.abc import Sequence

import msgspec
import pytest

from simulations.measurement.figures import Figure, compared, figures
from simulations.measurement.rows import HopRow, LagRow, LinkRow, RecordRow, ResourceRow
from simulations.measurement.run_folder import Tables

MS = 1000


def record(number: int, *, repetition: int = 0, cell: int = 0, **changed: object) -> RecordRow:
    """Due every 10 ms, answered right at the edge after 20 ms, unless told otherwise."""
    due = number * 10 * MS
    usual = RecordRow(
        cell=cell,
        repetition=repetition,
        client=0,
        number=number,
        id=f"{number:02x}",
        due_us=due,
        sent_us=due + 1 * MS,
        acked_us=due + 3 * MS,
        answered_us=due + 20 * MS,
        tier="edge",
        class_=1,
        label=1,
        answers=1,
    )
    return msgspec.structs.replace(usual, **changed)


def lost(number: int, **changed: object) -> RecordRow:
    unanswered = record(number, answered_us=None, tier=None, class_=None, answers=0)
    return msgspec.structs.replace(unanswered, **changed)


def hop(number: int, *, repetition: int = 0) -> HopRow:
    due = number * 10 * MS
    return HopRow(
        cell=0,
        repetition=repetition,
        id=f"{number:02x}",
        hop=0,
        tier="edge",
        node="edge-1",
        received_us=due + 5 * MS,
        inferred_us=due + 15 * MS,
        sent_us=due + 16 * MS,
    )


def found(
    *,
    records: Sequence[RecordRow],
    hops: Sequence[HopRow] = (),
    links: Sequence[LinkRow] = (),
    resources: Sequence[ResourceRow] = (),
    lag: Sequence[LagRow] = (),
) -> dict[str, Figure]:
    tables = Tables.of(records=records, hops=hops, links=links, resources=resources, lag=lag)
    return {one.name: one for one in figures(tables, seed=1)}


def test_latency_runs_from_when_a_record_was_due() -> None:
    stalled = record(0, sent_us=90 * MS, answered_us=100 * MS)
    figure = found(records=[stalled])
    assert figure["latency_mean"].value == 100.0
    assert figure["client_lateness_p99"].value == 90.0


def test_a_planted_stall_shows_in_the_p99_and_not_in_the_median() -> None:
    """A client that is stuck for a second sends late what was due meanwhile."""
    usual = [record(one) for one in range(900)]
    late = [record(one, sent_us=10_000 * MS, answered_us=10_020 * MS) for one in range(900, 1000)]
    figure = found(records=[*usual, *late])
    assert figure["latency_p50"].value == 20.0
    assert figure["latency_p99"].value == pytest.approx(10_020 - 9_100, abs=11)


def test_the_warm_up_is_not_measured() -> None:
    figure = found(records=[record(0, warm_up=True, answered_us=9000 * MS), record(1)])
    assert figure["latency_p99"].value == 20.0
    assert figure["sent"].value == 2


def test_lost_records_are_infinitely_late() -> None:
    figure = found(records=[*[record(one) for one in range(98)], lost(98), lost(99)])
    assert figure["latency_p95"].value == 20.0
    assert figure["latency_p99"].value == math.inf
    assert figure["latency_mean"].value == 20.0


def test_what_is_lost_doubled_or_dead_is_counted_apart_and_in_the_warm_up_too() -> None:
    records = [
        record(0, answers=3),
        lost(1, warm_up=True),
        lost(2, dead_letter="no such model"),
        record(3, dead_letter="answered all the same"),
    ]
    figure = found(records=records)
    assert [figure[name].value for name in ("sent", "lost", "doubled", "dead_lettered")] == [4, 1, 2, 1]


def test_exit_shares_and_accuracy_are_of_what_was_answered() -> None:
    records = [record(0), record(1, tier="cloud"), record(2, class_=5), lost(3), record(4, label=None)]
    figure = found(records=records)
    assert figure["exit_share.edge"].value == 0.75
    assert figure["exit_share.cloud"].value == 0.25
    assert figure["accuracy"].value == pytest.approx(2 / 3)
    assert figure["accuracy.edge"].value == 0.5
    assert figure["accuracy.cloud"].value == 1.0


def test_a_tier_that_answered_nothing_has_a_share_of_zero_and_no_latency() -> None:
    figure = found(records=[record(0, tier="cloud")], hops=[hop(0)])
    assert figure["exit_share.edge"].value == 0.0
    assert "latency_p50.edge" not in figure


def test_throughput_counts_answers_from_the_first_due_to_the_last_answer() -> None:
    figure = found(records=[record(one) for one in range(9)])
    assert figure["throughput"].value == pytest.approx(9 / 0.1)
    assert figure["offered"].value == pytest.approx(8 / 0.08)


def test_a_burst_has_no_offered_rate() -> None:
    assert "offered" not in found(records=[record(0), record(1, due_us=0)])


def test_the_parts_add_up_to_the_mean_latency() -> None:
    figure = found(records=[record(0), record(1), record(2)], hops=[hop(0), hop(1)])
    parts = {name: one.value for name, one in figure.items() if name.startswith("part.") and one.value}
    assert parts == {
        "part.clients.waiting": 1.0,
        "part.edge.link": 2.0,
        "part.edge.waiting": 2.0,
        "part.edge.computing": 10.0,
        "part.edge.producing": 1.0,
        "part.answer.link": 4.0,
    }
    assert sum(parts.values()) == figure["latency_mean"].value
    assert figure["parts_known"].value == pytest.approx(2 / 3)
    assert figure["parts_disorder"].value == 0.0


def look(at_us: int, cpu_s: float, rss_bytes: int) -> ResourceRow:
    return ResourceRow(cell=0, repetition=0, at_us=at_us, program="agent:edge-1", cpu_s=cpu_s, rss_bytes=rss_bytes)


def carried(*, bytes_: int, stalls: int) -> LinkRow:
    return LinkRow(
        cell=0,
        repetition=0,
        link="edge-cloud",
        direction="up",
        bytes=bytes_,
        chunks=1,
        stalls=stalls,
        error_p50_us=100.0,
        error_p99_us=900.0,
    )


def test_links_programs_and_logs_have_their_figures() -> None:
    figure = found(
        records=[record(0), record(1)],
        links=[carried(bytes_=5000, stalls=2)],
        resources=[look(0, 1.0, 10), look(1_000_000, 1.5, 30), look(2_000_000, 0.3, 20)],
        lag=[LagRow(cell=0, repetition=0, at_us=one, tier="edge", records=one) for one in (0, 4)],
    )
    assert figure["link_bytes.edge-cloud.up"].value == 5000
    assert figure["link_bytes_a_record.edge-cloud.up"].value == 2500
    assert figure["link_stalls.edge-cloud.up"].value == 2
    assert figure["shaper_error_p99.edge-cloud.up"].value == 0.9
    assert figure["cpu.agent:edge-1"].value == pytest.approx(0.4)
    assert figure["memory.agent:edge-1"].value == 30
    assert (figure["lag_mean.edge"].value, figure["lag_max.edge"].value) == (2.0, 4.0)


def test_each_repetition_has_its_value_and_together_they_have_an_interval() -> None:
    records = [record(0, repetition=one, answered_us=(one + 1) * MS) for one in range(5)]
    mean = found(records=records)["latency_mean"]
    assert mean.per_repetition == (1.0, 2.0, 3.0, 4.0, 5.0)
    assert mean.low is not None
    assert mean.high is not None
    assert 1.0 <= mean.low < mean.value == 3.0 < mean.high <= 5.0


def test_each_cell_has_its_figures() -> None:
    tables = Tables.of(records=[record(0, cell=3), record(0, cell=1), record(1, cell=1)])
    sent = [(one.cell, one.value) for one in figures(tables, seed=1) if one.name == "sent"]
    assert sent == [(1, 2.0), (3, 1.0)]


def test_nothing_measured_has_no_figures() -> None:
    assert figures(Tables.of(), seed=1) == ()


def run(latencies_ms: list[int], cell: int = 0) -> Tables:
    return Tables.of(
        records=[
            record(0, cell=cell, repetition=one, answered_us=latency * MS) for one, latency in enumerate(latencies_ms)
        ]
    )


def test_a_run_is_the_same_as_itself() -> None:
    differences = compared(run([10, 20, 30]), run([10, 20, 30]), seed=1)
    assert all(one.same and one.corrected == 1.0 for one in differences)


def test_a_slower_run_is_told_apart() -> None:
    slow = compared(run([10, 11, 12, 13, 14, 15]), run([30, 31, 32, 33, 34, 35]), seed=1)
    mean = next(one for one in slow if one.name == "latency_mean")
    assert not mean.same
    assert mean.difference.value == 20.0
    assert mean.relative.value == pytest.approx(20 / 12.5)
    assert (mean.first.value, mean.second.value) == (12.5, 32.5)
    assert mean.probability == pytest.approx(2 / 924)
    assert mean.corrected > mean.probability


def test_only_cells_of_both_runs_are_compared() -> None:
    assert compared(run([1, 2], cell=0), run([1, 2], cell=1), seed=1) == ()
