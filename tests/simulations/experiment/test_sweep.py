import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import DocumentError
from simulations.experiment.codec import decode, encode
from simulations.experiment.document import Experiment, Sweep
from simulations.experiment.read import parse
from simulations.experiment.sweep import cells, changed, count, flat
from tests.simulations.experiment.written import TWO_TIERS, experiment

BASE = parse(TWO_TIERS)


def swept(**sweep: Any) -> Experiment:  # noqa: ANN401 - any sweep
    return experiment(sweep=sweep)


grids = st.dictionaries(
    st.sampled_from(["load.clients", "tiers.edge.replicas", "tiers.cloud.partitions", "seed"]),
    st.lists(st.integers(1, 100), min_size=1, max_size=4, unique=True),
)


@given(grids)
def test_a_grid_has_each_combination_once(grid: dict[str, list[int]]) -> None:
    there = swept(grid=grid)
    made = cells(there)
    assert len(made) == count(there) == math.prod(map(len, grid.values()))
    assert [cell.index for cell in made] == list(range(len(made)))
    assert len({tuple(cell.settings.items()) for cell in made}) == len(made)


@given(grids)
def test_a_cell_differs_by_its_settings_and_nothing_else(grid: dict[str, list[int]]) -> None:
    for cell in cells(swept(grid=grid)):
        back = {
            "load.clients": 1,
            "tiers.edge.replicas": 1,
            "tiers.cloud.partitions": 1,
            "seed": 1,
        }
        assert cell.experiment.load.clients == cell.settings.get("load.clients", 1)
        assert cell.experiment.tiers[0].replicas == cell.settings.get("tiers.edge.replicas", 1)
        assert cell.experiment.sweep == Sweep()
        assert changed(cell.experiment, back) == experiment()


def test_without_a_sweep_there_is_one_cell() -> None:
    (cell,) = cells(BASE)
    assert (cell.index, cell.settings, cell.experiment) == (0, {}, BASE)


def test_the_last_setting_changes_fastest() -> None:
    made = cells(swept(grid={"load.clients": [1, 2], "seed": [3, 4]}))
    assert [tuple(cell.settings.values()) for cell in made] == [(1, 3), (1, 4), (2, 3), (2, 4)]


def test_a_list_has_one_cell_an_entry_and_with_a_grid_all_of_it_for_each() -> None:
    entries = [{"tiers": [{"name": "cloud"}]}, {"tiers.edge.replicas": 2}]
    assert [len(cell.experiment.tiers) for cell in cells(swept(list=entries))] == [1, 2]
    both = cells(swept(list=entries, grid={"load.clients": [1, 8]}))
    assert [(len(cell.experiment.tiers), cell.experiment.load.clients) for cell in both] == [
        (1, 1),
        (1, 8),
        (2, 1),
        (2, 8),
    ]


def test_a_million_cells_are_counted_without_building_one() -> None:
    values = list(range(1, 1001))
    assert count(swept(grid={"load.clients": values, "tiers.edge.replicas": values, "seed": values})) == 10**9


def test_links_go_by_name_faults_by_place_and_what_is_missing_is_made() -> None:
    faults = [{"at": "1 s", "kind": "cut", "on": "link:edge-cloud"}]
    there = experiment(links=[{"between": ["edge", "cloud"]}], faults=faults)
    settings = {
        "links.edge-cloud.latency": "5 ms",
        "faults.0.at": "2 s",
        "network.planted.shares": ["70 %"],
        "tiers.cloud.exit.threshold": 0.5,
    }
    made = changed(there, settings)
    assert (made.links[0].latency, made.faults[0].at) == (0.005, 2.0)
    assert made.network.planted is not None
    assert list(made.network.planted.shares) == pytest.approx([0.7])
    assert made.tiers[1].exit is not None
    assert made.tiers[1].exit.threshold == 0.5


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("load.clients", 0, "0 in the sweep: Expected `int` >= 1"),
        ("load.rate", "5", "needs a number and a unit"),
        ("load.client", 8, "unknown field `client`"),
        ("laod.clients", 8, "unknown field `laod`"),
        ("load.clients.more", 8, "'more' cannot lie within 1"),
        ("tiers.fog.replicas", 2, "there is no 'fog', only edge, cloud"),
        ("faults.0.at", "1 s", "only an empty list"),
        ("repetitions", 3, "the same for all cells"),
        ("sweep.grid", {}, "the same for all cells"),
    ],
)
def test_a_wrong_setting_is_named_with_its_value(path: str, value: object, reason: str) -> None:
    right_and_wrong = {"seed": 2, path: value, "load.patience": "1 s"}
    with pytest.raises(DocumentError) as raised:
        changed(experiment(), right_and_wrong)
    assert raised.value.field == path
    assert reason in raised.value.reason


def test_a_setting_of_both_the_list_and_the_grid_is_refused() -> None:
    with pytest.raises(DocumentError, match=r"load\.clients: set twice"):
        cells(swept(list=[{"load.clients": 1}], grid={"load.clients": [2]}))


@given(
    st.recursive(st.integers(), lambda inner: st.dictionaries(st.sampled_from("abc"), inner, min_size=1), max_leaves=8)
)
def test_flat_settings_are_the_leaves_by_their_path(value: Any) -> None:  # noqa: ANN401 - any table
    def leaves(node: Any, path: tuple[str, ...]) -> dict[str, object]:  # noqa: ANN401
        if not isinstance(node, dict):
            return {".".join(path): node}
        return {key: leaf for name, inner in node.items() for key, leaf in leaves(inner, (*path, name)).items()}

    table = {"top": value}
    assert flat(table) == leaves(table, ())
    assert flat(flat(table)) == flat(table)


def test_an_experiment_is_the_same_after_its_tables() -> None:
    assert decode(encode(BASE)) == BASE


def test_an_entry_of_the_list_names_its_cells() -> None:
    made = cells(swept(list=[{"name": "few", "load.clients": 1}, {"load.clients": 8}], grid={"seed": [1, 2]}))
    assert [cell.name for cell in made] == ["few", "few", "", ""]
    assert made[0].settings == {"load.clients": 1, "seed": 1}
