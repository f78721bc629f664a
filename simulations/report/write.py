"""A report into its run's folder: `report.html`, and each chart as `charts/NAME.svg` and `.png`."""

from pathlib import Path

from shared.storage import replace_file, storage_errors
from simulations.report.charts import Palette
from simulations.report.content import Report
from simulations.report.html import page
from simulations.report.pictures import picture

PAGE, CHARTS = "report.html", "charts"


def write(report: Report, folder: Path) -> Path:
    """The page's path. Each file is there as a whole or as it was. Raises StorageError."""
    palette, inline = Palette.of(report.charts), dict[str, str]()
    charts = folder / CHARTS
    with storage_errors(charts):
        charts.mkdir(parents=True, exist_ok=True)
    for chart in report.charts:
        drawn = picture(chart, palette)
        inline[chart.name] = drawn.inline
        replace_file(charts / f"{chart.name}.svg", drawn.svg)
        replace_file(charts / f"{chart.name}.png", drawn.png)
    replace_file(folder / PAGE, page(report, inline).encode())
    return folder / PAGE
