"""Verdicts, and the report as JSON, a table and a page."""

import io
import json

import pytest
from rich.console import Console

from shared.errors import SettingsError
from simulations.bench import page, show
from simulations.bench.report import Better, Figure, Machine, Measured, Part, Report, Table, encode, missed

SPEED = Figure(name="speed", title="records/s / limit", must=0.95, aim=1.2, better=Better.HIGHER)
DELAY = Figure(name="delay", title="time to tell", must=1.5, aim=0.7, better=Better.LOWER, unit="s")


def measured(figure: Figure, *samples: float) -> Measured:
    return Measured(figure=figure, samples=samples, parts=(Part(name="pipe", unit="records/s", samples=(10.0, 30.0)),))


def report(*figures: Measured) -> Report:
    machine = Machine(cpu="abacus", cores=2, memory_mib=24_105, kernel="Linux 6", python="3.11.7", versions={"a": "1"})
    table = Table(name="hops", title="hops", columns=("hop", "1"), rows=(("decode", "2.5"),))
    return Report(
        began="2026-11-21T12:00:00+00:00",
        seconds=600.0,
        rounds=3,
        cores_elsewhere=0.5,
        machine=machine,
        figures=figures,
        tables=(table,),
    )


@pytest.mark.parametrize(
    ("figure", "value", "verdict"),
    [
        (SPEED, 0.94, "MISSED"),
        (SPEED, 0.95, "must"),
        (SPEED, 1.3, "aim"),
        (DELAY, 1.51, "MISSED"),
        (DELAY, 1.5, "must"),
        (DELAY, 0.6, "aim"),
    ],
)
def test_the_better_direction_decides(figure: Figure, value: float, verdict: str) -> None:
    assert show.verdict(measured(figure, value)) == verdict


def test_the_median_counts_and_not_the_worst() -> None:
    assert missed([measured(SPEED, 0.1, 1.0, 1.1)]) == ()


def test_what_misses_its_bound_is_named() -> None:
    bad = measured(DELAY, 2.0)
    assert missed([measured(SPEED, 1.0), bad]) == (bad,)


def test_the_json_holds_samples_spread_verdict_and_machine() -> None:
    document = json.loads(encode(report(measured(SPEED, 1.0, 1.3, 1.1))))
    (figure,) = document["figures"]
    assert figure["samples"] == [1.0, 1.3, 1.1]
    assert (figure["median"], figure["low"], figure["high"]) == (1.1, 1.0, 1.3)
    assert (figure["reaches_must"], figure["reaches_aim"]) == (True, False)
    assert figure["parts"][0]["median"] == 20.0
    assert document["machine"]["cpu"] == "abacus"


def test_the_terminal_shows_every_figure_with_its_bounds() -> None:
    screen = io.StringIO()
    show.print_to(Console(file=screen, width=100), report(measured(DELAY, 1.0)))
    for word in ("delay", "1 s", "≤ 1.5 s", "≤ 0.7 s", "must", "abacus", "decode", "20 records/s"):
        assert word in screen.getvalue()


def test_markdown_has_a_row_a_figure_and_the_machine() -> None:
    text = show.markdown(report(measured(SPEED, 1.0)))
    assert "| speed: records/s / limit | 1 | 1 to 1 | ≥ 0.95 | ≥ 1.2 | must |" in text
    assert "abacus, 2 cores, 23.5 GiB" in text
    assert "other programs took 0.5 cores meanwhile" in text


@pytest.mark.parametrize(("value", "shown"), [(1234.5, "1,234"), (99.96, "100"), (0.01234, "0.0123"), (58.0, "58")])
def test_numbers_show_what_matters(value: float, shown: str) -> None:
    assert show.number(value) == shown


def test_a_page_changes_between_its_markers_only() -> None:
    text = f"before\n{page.BEGIN}\nold\n{page.END}\nafter\n"
    changed = page.updated(text, "new")
    assert changed == f"before\n{page.BEGIN}\n\nnew\n\n{page.END}\nafter\n"
    assert page.shown(changed) == "new"
    assert page.updated(changed, "new") == changed


def test_a_page_without_markers_is_refused() -> None:
    with pytest.raises(SettingsError, match="bench: begin"):
        page.updated("nothing here", "new")
