"""A way's figures follow from what its clients saw and its links carried."""

import math

from shared.record.prediction import Prediction
from simulations.demo.over_links.figures import figures_of
from simulations.links.statistics import Lateness, LineStatistics
from simulations.running.clients import Result
from simulations.running.repetition import Outcome

NO_ERROR = Lateness(count=0, p50_us=0, p99_us=0, max_us=0)


def result(
    number: int, *, answered_us: int | None, tier: str = "edge", predicted: int = 1, warm_up: bool = False
) -> Result:
    said = Prediction(
        id=f"{number:032x}",
        deployment="demo",
        values=[],
        class_=predicted,
        label=None,
        confidence=0.9,
        tier=tier,
        node=f"{tier}-1",
        model="clothes",
        version=1,
        degraded=False,
        latency_ms=1.0,
        trail=(),
    )
    return Result(
        client=0,
        number=number,
        id=said.id,
        due_us=0,
        sent_us=1,
        acked_us=2,
        answered_us=answered_us,
        warm_up=warm_up,
        label=1,
        answers=int(answered_us is not None),
        dead_letter=None,
        prediction=None if answered_us is None else said,
    )


def line(link: str, direction: str, carried: int) -> LineStatistics:
    return LineStatistics(link=link, direction=direction, bytes=carried, chunks=1, stalls=0, error=NO_ERROR)


def test_figures_are_those_of_the_records_after_the_warm_up() -> None:
    results = [
        result(0, answered_us=900_000, warm_up=True),
        *(result(number, answered_us=10_000) for number in range(1, 4)),
        result(4, answered_us=80_000, tier="cloud", predicted=7),
    ]
    lines = (line("edge-fog", "up", 500), line("edge-fog", "down", 70))
    found = figures_of(Outcome(results=results, faults=[], lines=lines))
    assert (found.sent, found.records, found.unanswered) == (5, 4, 0)
    assert found.latency_ms == {"p50": 10.0, "p95": 80.0, "p99": 80.0}
    assert found.shares == {"edge": 0.75, "cloud": 0.25}
    assert found.accuracy == 0.75
    assert found.bytes_up == {"edge-fog": 500}


def test_what_was_never_answered_is_infinitely_late() -> None:
    results = [result(0, answered_us=10_000), result(1, answered_us=None)]
    found = figures_of(Outcome(results=results, faults=[], lines=()))
    assert (found.unanswered, found.latency_ms["p50"]) == (1, 10.0)
    assert math.isinf(found.latency_ms["p99"])


def test_where_nothing_was_answered_there_is_no_accuracy() -> None:
    found = figures_of(Outcome(results=[result(0, answered_us=None)], faults=[], lines=()))
    assert (found.unanswered, found.accuracy, found.shares) == (1, None, {})
