"""A made-up run in a folder, and what its report says of it."""

import json
from pathlib import Path

import pytest

from shared.errors import DocumentError, SettingsError, StorageError
from simulations.measurement.rows import HopRow, LagRow, LinkRow, RecordRow, ResourceRow
from simulations.measurement.run_folder import DONE, Tables, folder, write
from simulations.report.__main__ import main
from simulations.report.charts import Palette
from simulations.report.content import Distributions, Report, Table, Timeline
from simulations.report.gathering.gather import gathered
from simulations.report.pictures import picture

EXPERIMENT = """
api_version = "fogline/v1"
kind = "experiment"
name = "made-up"
title = "Made up"
repetitions = 2
tiers = [{ name = "edge" }, { name = "cloud" }]
links = [{ between = ["edge", "cloud"], preset = "wan" }]
faults = [{ at = "1 s", kind = "kill", on = "agent:edge-1" }, { at = "2 s", kind = "restart", on = "agent:edge-1" }]
[load]
rate = "10 /s"
duration = "4 s"
[sweep.grid]
"load.clients" = [1, 8]
"""
MS = 1000


def records(cell: int, repetition: int, slower_ms: int) -> list[RecordRow]:
    """Every fourth goes on to the cloud and takes longer; the last one of the second cell is lost."""
    found = []
    for number in range(40):
        due, far = number * 100 * MS, number % 4 == 0
        is_lost = cell == 1 and number == 39
        answered = None if is_lost else due + (20 + 30 * far + slower_ms + repetition) * MS
        found.append(
            RecordRow(
                cell=cell,
                repetition=repetition,
                client=0,
                number=number,
                id=f"{number:02x}",
                due_us=due,
                sent_us=due + MS,
                acked_us=due + 2 * MS,
                answered_us=answered,
                tier=None if is_lost else "cloud" if far else "edge",
                class_=None if is_lost else 1,
                label=1,
                answers=0 if is_lost else 1,
            )
        )
    return found


def hops(cell: int, repetition: int) -> list[HopRow]:
    def hop(number: int, place: int, tier: str) -> HopRow:
        begin = number * 100 * MS + (5 + 20 * place) * MS
        return HopRow(
            cell=cell, repetition=repetition, id=f"{number:02x}", hop=place, tier=tier, node=f"{tier}-1",
            received_us=begin, inferred_us=begin + 2 * MS, sent_us=begin + 3 * MS,
        )  # fmt: skip

    edge = [hop(number, 0, "edge") for number in range(40)]
    return edge + [hop(number, 1, "cloud") for number in range(0, 40, 4)]


def tables(cell: int, repetition: int, slower_ms: int) -> Tables:
    at = {"cell": cell, "repetition": repetition}
    moments = (0, 2_000_000, 4_000_000)
    link = LinkRow(
        **at, link="edge-cloud", direction="up", bytes=9000, chunks=9, stalls=0, error_p50_us=80, error_p99_us=2500
    )
    return Tables.of(
        records=list(records(cell, repetition, slower_ms)),
        hops=list(hops(cell, repetition)),
        links=[link],
        resources=[
            ResourceRow(**at, at_us=us, program="agent:edge-1", cpu_s=us / 4e6, rss_bytes=60 * 2**20) for us in moments
        ],
        lag=[LagRow(**at, at_us=us, tier="edge", records=3) for us in moments],
    )


def made_run(run: Path, *, slower_ms: int = 0, repetitions: int = 2) -> Path:
    run.mkdir()
    (run / "experiment.toml").write_text(EXPERIMENT)
    (run / "manifest.json").write_text(
        json.dumps({"began": "2026-01-02", "machine": {"cores": 2, "versions": {"a": "1"}}})
    )
    for cell in (0, 1):
        for repetition in range(repetitions):
            where = folder(run, cell, repetition)
            write(where, tables(cell, repetition, slower_ms))
            (where / DONE).write_text("{}")
    return run


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return made_run(tmp_path / "run")


def names(report: Report) -> set[str]:
    return {item.name for section in report.sections for item in section.items}


def table(report: Report, name: str) -> Table:
    found = next(item for section in report.sections for item in section.items if item.name == name)
    assert isinstance(found, Table)
    return found


def test_a_report_shows_what_was_asked_and_what_was_found(run: Path) -> None:
    report = gathered(run)
    assert report.title == "Made up"
    assert report.experiment == EXPERIMENT
    assert names(report) == {
        "headline", "response-time", "latency-by-load-clients", "throughput-by-load-clients", "time-by-place", "exits",
        "faults-0", "faults-1", "links", "shaper", "programs", "lag", "load", "everything",
    }  # fmt: skip


def test_every_chart_of_it_can_be_drawn(run: Path) -> None:
    report = gathered(run, run)
    palette = Palette.of(report.charts)
    assert all(picture(chart, palette).png for chart in report.charts)


def test_the_manifest_is_told_by_path(run: Path) -> None:
    facts = {fact.name: fact.value for fact in gathered(run).manifest}
    assert facts == {"began": "2026-01-02", "machine.cores": "2", "machine.versions.a": "1"}


def test_the_headline_has_a_row_a_cell(run: Path) -> None:
    headline = table(gathered(run), "headline")
    assert [row[0] for row in headline.rows] == ["1 client", "8 clients"]


def test_lost_records_stay_in_the_distribution(run: Path) -> None:
    chart = next(chart for chart in gathered(run).charts if isinstance(chart, Distributions))
    assert [sum(map(len, one.repetitions)) for one in chart.series] == [80, 80]


def test_faults_are_marked_over_time(run: Path) -> None:
    chart = next(chart for chart in gathered(run).charts if isinstance(chart, Timeline))
    assert [(mark.label, mark.until) for mark in chart.marks] == [
        ("kill agent:edge-1", 2.0),
        ("restart agent:edge-1", None),
    ]
    assert [strip.axis.label for strip in chart.strips] == ["response", "answers", "lag"]


def test_what_weakens_the_numbers_is_said_first(run: Path) -> None:
    warnings = "\n".join(gathered(run).warnings)
    assert "2 repetitions a cell are too few" in warnings
    assert "2.50 ms" in warnings
    assert "(8 clients) records were lost: 1 a repetition" in warnings
    assert "median" not in warnings


def test_a_shaper_that_was_not_watched_is_a_doubt(run: Path) -> None:
    unwatched = Tables.of(records=list(records(0, 0, 0)))
    for done in run.rglob(DONE):
        write(done.parent, unwatched)
    assert any("the shaper itself added" in warning for warning in gathered(run).warnings)


def test_an_unfinished_run_says_so(tmp_path: Path) -> None:
    assert "2 of 4 repetitions" in gathered(made_run(tmp_path / "run", repetitions=1)).warnings[0]


def test_a_run_does_not_differ_from_itself(run: Path) -> None:
    report = gathered(run, run)
    section = next(section for section in report.sections if section.title == "Against the other run")
    assert {"against", "compared"} <= names(report)
    same, _, figures = section.text[0].split(" figures")[0].split()
    assert same == figures


def test_a_slower_run_differs(run: Path, tmp_path: Path) -> None:
    slower = made_run(tmp_path / "slower", slower_ms=40)
    rows = {(row[0], row[1]): row for row in table(gathered(slower, run), "compared").rows}
    this, other = rows["1 client", "latency_p50"][3:5]
    assert (getattr(this, "value", 0), getattr(other, "value", 0)) == pytest.approx((60.0, 20.0), abs=1.1)


def test_a_command_rebuilds_the_report(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(run), "--against", str(run)]) == 0
    assert capsys.readouterr().out.strip() == str(run / "report.html")
    assert (run / "charts" / "faults-1.svg").is_file()


def test_a_folder_without_a_run_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == SettingsError.exit_code
    assert "is no run" in capsys.readouterr().err


def test_a_run_of_which_nothing_is_finished_is_refused(run: Path) -> None:
    for done in run.rglob(DONE):
        done.unlink()
    with pytest.raises(SettingsError, match="no repetition of"):
        gathered(run)


def test_damage_is_named_with_its_file(run: Path) -> None:
    (run / "manifest.json").write_text("[]")
    with pytest.raises(DocumentError, match=r"manifest\.json"):
        gathered(run)
    (folder(run, 0, 0) / "records.parquet").write_bytes(b"PAR1")
    with pytest.raises(StorageError, match=r"records\.parquet"):
        gathered(run)
