from dataclasses import replace
from pathlib import Path

import pytest

from shared.errors import StorageError
from simulations.report.content import Report
from simulations.report.write import write


def test_a_report_is_one_page_and_two_files_a_chart(report: Report, tmp_path: Path) -> None:
    names = [chart.name for chart in report.charts]
    assert write(report, tmp_path) == tmp_path / "report.html"
    files = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert files == {"report.html", *(f"charts/{name}.{kind}" for name in names for kind in ("svg", "png"))}


def test_the_same_report_is_the_same_bytes(report: Report, tmp_path: Path) -> None:
    report = replace(report, sections=report.sections[1:])
    first = write(report, tmp_path / "a").read_bytes()
    assert write(report, tmp_path / "b").read_bytes() == first


def test_a_folder_that_cannot_be_written_to_is_named(report: Report, tmp_path: Path) -> None:
    (tmp_path / "run").write_text("a file")
    with pytest.raises(StorageError, match=str(tmp_path / "run")):
        write(report, tmp_path / "run")
