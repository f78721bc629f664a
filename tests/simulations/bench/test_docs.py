"""The table in the docs has every figure, with the bounds that the bench holds it to."""

import pytest

from simulations.bench import catalogue, page, show
from simulations.bench.experiment import Comparison
from simulations.bench.report import Figure

TEXT = page.PAGE.read_text()
TABLE = page.shown(TEXT)
FIGURES = [figure for one in catalogue.EXPERIMENTS for figure in one.figures]


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: str(figure.name))
def test_the_table_shows_each_figure_and_its_bounds(figure: Figure) -> None:
    row = next((line for line in TABLE.splitlines() if line.startswith(f"| {figure.name}: ")), "")
    assert f"| {show.bound(figure, figure.must)} | {show.bound(figure, figure.aim)} |" in row


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: str(figure.name))
def test_the_page_says_how_each_figure_is_measured(figure: Figure) -> None:
    explanations = TEXT.split("## Measured")[0]
    assert f"`{figure.name}`" in explanations


@pytest.mark.parametrize("comparison", catalogue.COMPARISONS, ids=lambda one: str(one.name))
def test_the_page_has_the_tables_without_bounds(comparison: Comparison) -> None:
    assert f"### {comparison.title}" in TABLE


def test_the_page_names_the_machine() -> None:
    assert "cores" in TABLE.splitlines()[0]
    assert "cores meanwhile" in TABLE.splitlines()[0]
