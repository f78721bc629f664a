import pytest

from simulations.experiment.read import parse
from simulations.experiment.sweep import Cell, cells
from simulations.report.gathering.cells import beside, labels, number, setting_name, swept

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


NAMED = """
[[sweep.list]]
name = "cloud only"
tiers = [{ name = "cloud" }]
links = []
[[sweep.list]]
name = "all"
"""


def test_a_name_in_the_list_stands_for_its_settings() -> None:
    found = swept_cells(NAMED + '[sweep.grid]\n"load.clients" = [1, 8]')
    assert list(labels(found, "it").values()) == [
        "cloud only, 1 client",
        "cloud only, 8 clients",
        "all, 1 client",
        "all, 8 clients",
    ]
    (clients,) = swept(found, "it")
    assert clients.series == ("cloud only", "all")
    assert clients.is_line


def test_cells_are_held_against_that_of_the_first_name_with_the_same_other_settings() -> None:
    assert beside(swept_cells(NAMED + '[sweep.grid]\n"load.clients" = [1, 8]')) == ((0, 2), (1, 3))
    assert beside(swept_cells('[sweep.grid]\n"load.clients" = [1, 8]')) == ()


def test_what_is_the_same_at_all_tiers_is_one_setting_to_draw_over() -> None:
    found = swept_cells(
        "".join(
            f'[[sweep.list]]\nname = "{count}"\ntiers.edge.replicas = {count}\ntiers.cloud.replicas = {count}\n'
            for count in (1, 2, 4)
        )
        + '[[sweep.list]]\nname = "more"\n"tiers.edge.replicas" = 4\n"tiers.cloud.replicas" = 4\n'
        '"tiers.edge.partitions" = 4\n"tiers.cloud.partitions" = 4\n'
    )
    (replicas,) = swept(found, "it")
    assert (replicas.axis.label, replicas.name) == ("replicas", "tiers-replicas")
    assert list(replicas.values.values()) == [1.0, 2.0, 4.0, 4.0]
    assert replicas.series == ("it", "4 partitions")
    assert list(labels(found, "it").values()) == ["1", "2", "4", "more"]
