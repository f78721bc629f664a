import pytest

from simulations.experiment.read import parse
from simulations.experiment.sweep import Cell, cells
from simulations.report.gathering.cells import labels, number, setting_name, swept

HEAD = """
api_version = "fogline/v1"
kind = "experiment"
name = "it"
[[tiers]]
name = "edge"
[[tiers]]
name = "cloud"
[[links]]
between = ["edge", "cloud"]
preset = "4g"
[load]
rate = "5 /s"
duration = "2 s"
"""


def swept_cells(sweep: str) -> tuple[Cell, ...]:
    return cells(parse(HEAD + sweep))


def test_one_cell_has_the_experiments_name() -> None:
    assert labels(swept_cells(""), "it") == {0: "it"}


def test_a_cell_is_called_by_what_makes_it_another() -> None:
    found = swept_cells(
        '[sweep.grid]\n"load.clients" = [1, 8]\n"tiers.edge.threads" = [2]\n"links.edge-cloud.preset" = ["4g", "wan"]'
    )
    assert list(labels(found, "it").values()) == ["1 client, 4g", "1 client, wan", "8 clients, 4g", "8 clients, wan"]


def test_other_tiers_are_called_by_their_names() -> None:
    found = swept_cells(
        '[[sweep.list]]\ntiers = [{name = "cloud"}]\nlinks = []\n'
        '[[sweep.list]]\ntiers = [{name = "edge"}, {name = "cloud"}]'
    )
    assert list(labels(found, "it").values()) == ["cloud only", "edge-cloud"]


def test_no_two_cells_have_the_same_name() -> None:
    found = swept_cells(
        '[[sweep.list]]\nlinks = []\n[[sweep.list]]\nlinks = [{between = ["edge", "cloud"], preset = "wan"}]'
    )
    assert list(labels(found, "it").values()) == ["it, cell 0", "it, cell 1"]


def test_numbers_of_one_unit_can_be_drawn_over() -> None:
    found = swept_cells('[sweep.grid]\n"links.edge-cloud.latency" = ["5 ms", "20 ms"]\n"load.clients" = [1, 8]')
    latency, clients = swept(found, "it")
    assert (latency.axis.label, latency.axis.unit, latency.name) == (
        "edge-cloud latency",
        "ms",
        "links-edge-cloud-latency",
    )
    assert latency.values == {0: 5.0, 1: 5.0, 2: 20.0, 3: 20.0}
    assert latency.series == ("1 client", "8 clients")
    assert clients.series == ("edge-cloud latency 5 ms", "edge-cloud latency 20 ms")


@pytest.mark.parametrize("values", ['["5 ms", "1 s"]', '["4g", "wan"]'])
def test_what_is_no_number_of_one_unit_cannot(values: str) -> None:
    field = "latency" if "ms" in values else "preset"
    assert swept(swept_cells(f'[sweep.grid]\n"links.edge-cloud.{field}" = {values}'), "it") == ()


def test_settings_as_numbers() -> None:
    assert [number(value) for value in (3, 0.5, "10 Mbit/s", "4g", True, [1])] == [
        (3.0, ""),
        (0.5, ""),
        (10.0, "Mbit/s"),
        None,
        None,
        None,
    ]
    assert setting_name("tiers.edge.replicas") == "edge replicas"
