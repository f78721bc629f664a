"""A made-up run in a folder, and what its report says of it."""

import json
from pathlib import Path

import pytest

from shared.errors import DocumentError, SettingsError, StorageError
from simulations.measurement.run_folder import DONE, Tables, folder, write
from simulations.report.__main__ import main
from simulations.report.charts import Palette
from simulations.report.content import Curves, Distributions, Estimate, Report, Stacks, Table, Timeline
from simulations.report.gathering.gather import gathered
from simulations.report.pictures import picture
from tests.simulations.report.made_up import EXPERIMENT, made_run, records


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
        "headline", "response-time", "latency-by-load-clients", "ratios", "ratios-by-load-clients",
        "throughput-by-load-clients", "time-by-place", "exits", "faults-0", "faults-1", "faults-2", "faults-3", "links",
        "shaper", "programs", "lag", "load", "everything",
    }  # fmt: skip


def test_every_kind_of_chart_of_it_can_be_drawn(run: Path) -> None:
    report = gathered(run, run)
    palette = Palette.of(report.charts)
    kinds = {type(chart): chart for chart in report.charts}
    assert len(kinds) == 5
    assert all(picture(chart, palette).png for chart in kinds.values())


def test_the_manifest_is_told_by_path(run: Path) -> None:
    facts = {fact.name: fact.value for fact in gathered(run).manifest}
    assert facts == {"began": "2026-01-02", "machine.cores": "2", "machine.versions.a": "1"}


def test_the_headline_has_a_row_a_cell(run: Path) -> None:
    headline = table(gathered(run), "headline")
    assert [row[0] for row in headline.rows] == [
        "cloud only, 1 client",
        "cloud only, 8 clients",
        "edge and cloud, 1 client",
        "edge and cloud, 8 clients",
    ]


def test_lost_records_stay_in_the_distribution(run: Path) -> None:
    chart = next(chart for chart in gathered(run).charts if isinstance(chart, Distributions))
    assert [sum(map(len, one.repetitions)) for one in chart.series] == [80, 80, 80, 80]


def test_faults_are_marked_over_time(run: Path) -> None:
    chart = next(chart for chart in gathered(run).charts if isinstance(chart, Timeline))
    assert [(mark.label, mark.until) for mark in chart.marks] == [
        ("kill agent:cloud-1", 2.0),
        ("restart agent:cloud-1", None),
    ]
    assert [strip.axis.label for strip in chart.strips] == ["response", "answers", "lag"]


def test_where_nothing_broke_a_few_cells_are_shown_over_time(run: Path) -> None:
    text = "\n".join(line for line in EXPERIMENT.splitlines() if not line.startswith("faults"))
    (run / "experiment.toml").write_text(text)
    charts = [chart for chart in gathered(run).charts if isinstance(chart, Timeline)]
    assert [chart.name for chart in charts] == ["meanwhile-0", "meanwhile-1", "meanwhile-2"]
    assert [[trace.label for trace in chart.strips[2].traces] for chart in charts[::2]] == [
        ["at cloud"],
        ["at cloud", "at edge"],
    ]
    assert charts[0].marks == ()


def test_what_weakens_the_numbers_is_said_first(run: Path) -> None:
    warnings = "\n".join(gathered(run).warnings)
    assert "2 repetitions a cell are too few" in warnings
    assert "2.50 ms" in warnings
    assert "(edge and cloud, 8 clients) records were lost: 1 a repetition" in warnings
    assert "median" not in warnings


def test_a_shaper_that_was_not_watched_is_a_doubt(run: Path) -> None:
    unwatched = Tables.of(records=list(records(0, 0, 0)))
    for done in run.rglob(DONE):
        write(done.parent, unwatched)
    assert any("the shaper itself added" in warning for warning in gathered(run).warnings)


def test_cells_of_other_names_are_held_against_the_first_name_under_the_same_load(run: Path) -> None:
    rows = table(gathered(run), "ratios").rows
    assert [row[:2] for row in rows] == [
        ("edge and cloud, 1 client", "cloud only, 1 client"),
        ("edge and cloud, 8 clients", "cloud only, 8 clients"),
    ]
    mean, p99 = rows[0][2:]
    assert isinstance(mean, Estimate)
    assert isinstance(p99, Estimate)
    assert mean.interval
    assert mean.interval[0] <= mean.value <= mean.interval[1]
    assert mean.value == pytest.approx(0.58, abs=0.01)
    assert p99.value == 1.0


def test_a_line_of_a_curve_is_a_name_in_the_sweeps_list(run: Path) -> None:
    curves = next(chart for chart in gathered(run).charts if isinstance(chart, Curves))
    assert [series.label for series in curves.panels[0].series] == ["cloud only", "edge and cloud"]
    assert [point.x for point in curves.panels[0].series[1].points] == [1.0, 8.0]


def test_what_the_shaper_carried_and_what_waited_stands_in_tables(run: Path) -> None:
    report = gathered(run)
    assert {row[0] for row in table(report, "links").rows} >= {"link bytes edge-cloud up (MB)"}
    assert "lag max cloud (records)" in table(report, "lag").columns


def test_tiers_stand_in_their_order_whichever_cell_came_first(run: Path) -> None:
    exits = next(chart for chart in gathered(run).charts if chart.name == "exits")
    assert isinstance(exits, Stacks)
    assert exits.parts == ("edge", "cloud")


def test_a_modelled_run_says_so_before_anything_else(run: Path) -> None:
    (run / "manifest.json").write_text(json.dumps({"modelled": "fitted to runs/first"}))
    report = gathered(run)
    assert report.lead.startswith("Modelled, not measured")
    assert "fitted to runs/first" in report.warnings[0]
    assert not any("real programs" in text for section in report.sections for text in section.text)


def test_an_unfinished_run_says_so(tmp_path: Path) -> None:
    assert "4 of 8 repetitions" in gathered(made_run(tmp_path / "run", repetitions=1)).warnings[0]


def test_a_run_does_not_differ_from_itself(run: Path) -> None:
    report = gathered(run, run)
    section = next(section for section in report.sections if section.title == "Against the other run")
    assert {"against", "compared"} <= names(report)
    same, _, figures = section.text[0].split(" figures")[0].split()
    assert same == figures


def test_a_slower_run_differs(run: Path, tmp_path: Path) -> None:
    slower = made_run(tmp_path / "slower", slower_ms=40)
    rows = {(row[0], row[1]): row for row in table(gathered(slower, run), "compared").rows}
    this, other = rows["edge and cloud, 1 client", "latency_p50"][3:5]
    assert (getattr(this, "value", 0), getattr(other, "value", 0)) == pytest.approx((63.5, 23.5), abs=1.1)


@pytest.mark.slow
@pytest.mark.timeout(180)
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
