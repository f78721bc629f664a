"""What a person sees fits into 100 columns, whatever the figures are."""

import math

import pytest
from rich.console import Console, RenderableType

from simulations.demo.over_links import picture
from simulations.demo.over_links.figures import Comparison, WayFigures
from simulations.demo.over_links.story import ways
from simulations.demo.over_links.watching import Seen

TITLES = ("continuum", "cloud only")


def figures(**changes: object) -> WayFigures:
    fields = {
        "sent": 2200,
        "records": 2000,
        "unanswered": 0,
        "latency_ms": {"p50": 9.0, "p95": 110.0, "p99": 12_345.6},
        "shares": {"edge": 0.787, "fog": 0.11, "cloud": 0.103},
        "accuracy": 0.922,
        "bytes_up": {"edge-fog": 309_000, "fog-cloud": 197_000},
    }
    return WayFigures(**fields | changes)  # type: ignore[arg-type]  # by name


def comparison(*, link_share: float = 0.09, machine_load: float = 1.0, **cloud_only: object) -> Comparison:
    return Comparison(
        links={"edge-fog": "4g", "fog-cloud": "wan"},
        rate=100.0,
        link_share=link_share,
        machine_load=machine_load,
        continuum=figures(),
        cloud_only=figures(shares={"cloud": 1.0}, **cloud_only),
    )


def printed(what: RenderableType) -> str:
    console = Console(width=100, force_terminal=False, legacy_windows=False)
    with console.capture() as captured:
        console.print(what)
    return captured.get()


def row(text: str, name: str) -> list[str]:
    return next(line for line in text.splitlines() if name in line).strip("│ ").split()


def test_the_two_ways_stand_side_by_side() -> None:
    text = printed(picture.side_by_side(comparison(), TITLES))
    assert row(text, "latency p50")[2:] == ["9.0", "ms", "9.0", "ms"]
    assert row(text, "answered at edge")[3:] == ["78.7%", "-"]
    assert row(text, "up from edge to fog (4g)")[-4:] == ["309", "kB", "309", "kB"]
    assert "never answered" not in text
    assert "is full" not in text
    assert "busy" not in text


def test_answers_that_never_came_and_a_full_link_are_told() -> None:
    late = {"p50": 9.0, "p95": math.inf, "p99": math.inf}
    text = printed(picture.side_by_side(comparison(link_share=1.02, unanswered=71, latency_ms=late), TITLES))
    assert row(text, "latency p99")[2:] == ["12,345.6", "ms", "never"]
    assert row(text, "never answered")[2:] == ["0", "71"]
    assert "The 4g link is full" in text


def test_a_busy_machine_is_told() -> None:
    assert "10.2 programs for each processor" in printed(picture.side_by_side(comparison(machine_load=10.2), TITLES))


@pytest.mark.parametrize(
    "seen", [{}, {"continuum": Seen(sent=9, wanted=20, answered={"edge": 7, "fog": 1, "cloud": 0})}]
)
def test_the_live_picture_has_a_line_for_each_tier_of_each_way(seen: dict[str, Seen]) -> None:
    text = printed(picture.live(ways("4g", records=20, rate=10.0), seen, "deploying"))
    assert [line.count("█") + line.count("·") for line in text.splitlines()].count(picture.BAR_WIDTH) == 4
    assert "deploying" in text


def test_a_line_says_how_far_a_way_is_and_who_answered() -> None:
    seen = Seen(sent=9, wanted=2000, answered={"edge": 6, "fog": 2, "cloud": 0})
    assert picture.line("continuum", seen) == "continuum: 8 of 2,000 answered, edge 75%, fog 25%, cloud 0%"
    assert picture.line("cloud only", Seen(sent=1, wanted=5, answered={"cloud": 0})) == "cloud only: 0 of 5 answered"
