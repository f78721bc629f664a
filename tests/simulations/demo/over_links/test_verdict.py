"""The sentence says what was won and what was lost, whichever it is."""

import math

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from simulations.demo.over_links.figures import Comparison, WayFigures
from simulations.demo.over_links.verdict import verdict

BASE = WayFigures(
    sent=2200,
    records=2000,
    unanswered=0,
    latency_ms={"p50": 60.0, "p95": 80.0, "p99": 100.0},
    shares={"cloud": 1.0},
    accuracy=0.925,
    bytes_up={"edge-fog": 2000, "fog-cloud": 2000},
)


def comparison(**continuum: object) -> Comparison:
    return Comparison(
        links={"edge-fog": "4g", "fog-cloud": "wan"},
        rate=100.0,
        link_share=0.1,
        machine_load=1.0,
        continuum=msgspec.structs.replace(BASE, **continuum),
        cloud_only=BASE,
    )


def latencies(p50: float, p99: float) -> dict[str, float]:
    return {"p50": p50, "p95": p99, "p99": p99}


def test_what_is_better_is_won_and_what_is_worse_is_lost() -> None:
    found = comparison(latency_ms=latencies(4.0, 150.0), accuracy=0.922, bytes_up={"edge-fog": 500, "fog-cloud": 9})
    assert verdict(found) == (
        "Won by the continuum: half of the images are answered 15 times sooner and 75% fewer bytes go up the 4g link; "
        "lost: the slowest hundredth is answered 1.5 times later and 0.3 points of accuracy."
    )


def test_where_nothing_is_won_it_says_so() -> None:
    found = comparison(latency_ms=latencies(120.0, 400.0))
    assert verdict(found).startswith(
        "Nothing won by the continuum; lost: half of the images are answered 2.0 times later"
    )


def test_where_nothing_is_lost_it_says_so() -> None:
    assert verdict(comparison(latency_ms=latencies(6.0, 10.0))).endswith("; nothing lost.")


def test_the_same_is_neither() -> None:
    assert verdict(comparison(latency_ms=latencies(61.0, 98.0))) == "The two do the same."


def test_records_that_were_never_answered_are_told() -> None:
    said = verdict(comparison(unanswered=40, latency_ms=latencies(4.0, math.inf)))
    assert "the slowest hundredth is never answered" in said
    assert "40 answers that never came" in said


def test_answers_that_the_cloud_alone_does_not_give_are_won() -> None:
    found = comparison()
    others = msgspec.structs.replace(BASE, unanswered=9, latency_ms=latencies(math.inf, math.inf))
    said = verdict(msgspec.structs.replace(found, cloud_only=others))
    assert "half of the images are answered at all" in said
    assert "9 answers that would never have come" in said
    assert said.endswith("nothing lost.")


@given(st.floats(0.1, 1e4), st.floats(0.1, 1e4), st.integers(0, 10_000), st.floats(0, 1), st.integers(0, 9))
def test_any_outcome_is_one_sentence(p50: float, p99: float, up: int, accuracy: float, unanswered: int) -> None:
    said = verdict(
        comparison(latency_ms=latencies(p50, p99), bytes_up={"edge-fog": up}, accuracy=accuracy, unanswered=unanswered)
    )
    assert said.endswith(".")
    assert "inf" not in said
    assert "nan" not in said
