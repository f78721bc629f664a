"""A search over runs that are made up: what it finds, where it writes it, and how it goes on."""

from collections.abc import Sequence
from pathlib import Path

from simulations.experiment.document import Experiment
from simulations.experiment.search import STEPS, measured
from simulations.experiment.turns import Turn
from simulations.measurement import run_folder
from simulations.measurement.rows import RecordRow
from simulations.measurement.run_folder import Tables
from simulations.running import knee
from simulations.running.searching import run
from tests.simulations.experiment.written import experiment

KNEES = {1: 40.0, 2: 90.0}
SEARCH = {
    "setting": "load.rate",
    "low": "5 /s",
    "high": "400 /s",
    "tolerance": "10 %",
    "sustained": {"lost": "0 %"},
}
SEARCHED = experiment(repetitions=3, search=SEARCH, sweep={"grid": {"tiers.edge.replicas": [1, 2]}})


class Machine:
    """Loses a record of every repetition above the knee, and in one repetition of each value for no reason."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.taken: list[Turn] = []

    def take(self, turns: Sequence[Turn]) -> None:
        for turn in turns:
            folder = run_folder.folder(self.out, turn.cell.index, turn.repetition)
            if folder.exists():
                continue
            self.taken.append(turn)
            there = turn.cell.experiment
            is_lost = float(there.load.rate or 0) > KNEES[there.tiers[0].replicas] or turn.repetition == 1
            row = RecordRow(
                cell=turn.cell.index,
                repetition=turn.repetition,
                client=0,
                number=0,
                id="00",
                due_us=0,
                sent_us=1,
                answered_us=None if is_lost else 2,
            )
            run_folder.write(folder, Tables.of(records=[row]))


def searched(there: Experiment, out: Path) -> list[Turn]:
    machine = Machine(out)
    assert there.search is not None
    run(there, there.search, out, machine.take)
    return machine.taken


def number(value: object) -> float:
    return float(str(value).split()[0])


def test_each_cell_of_the_sweep_has_its_knee_within_the_tolerance(tmp_path: Path) -> None:
    taken = searched(SEARCHED, tmp_path)
    for found, knee_at in zip(knee.read(tmp_path), KNEES.values(), strict=True):
        assert found.found
        assert number(found.sustained) <= knee_at < number(found.not_sustained)
        assert number(found.not_sustained) <= number(found.sustained) * 1.1
        assert [one.value for one in found.tried[:2]] == ["5.0 /s", "400.0 /s"]
        assert {one.sustained for one in found.tried} == {0, 2}
    assert str(knee.read(tmp_path)[1]).startswith("tiers.edge.replicas = 2: load.rate = ")
    assert len({turn.seed for turn in taken}) == len(taken)


def test_rounds_go_on_while_one_cell_is_not_found_and_indices_tell_cells_apart(tmp_path: Path) -> None:
    taken = searched(SEARCHED, tmp_path)
    cells = {turn.cell.index: turn.cell for turn in taken}
    assert {index // STEPS for index in cells} == {0, 1}
    settings = {index: dict(cell.settings) for index, cell in cells.items()}
    assert measured(SEARCHED, settings) == tuple(cells[index] for index in sorted(cells))
    first_round = [(turn.cell.index, turn.repetition) for turn in taken[:6]]
    assert first_round == [(0, 0), (STEPS, 0), (STEPS, 1), (0, 1), (0, 2), (STEPS, 2)]


def test_an_interrupted_search_goes_on_with_what_is_missing_and_finds_the_same(tmp_path: Path) -> None:
    whole = searched(SEARCHED, tmp_path / "whole")
    early = Machine(tmp_path / "parts")
    early.take(whole[:20])
    late = searched(SEARCHED, tmp_path / "parts")
    assert [(turn.cell.index, turn.repetition) for turn in (*early.taken, *late)] == [
        (turn.cell.index, turn.repetition) for turn in whole
    ]
    assert knee.read(tmp_path / "parts") == knee.read(tmp_path / "whole")


def test_a_knee_outside_the_range_says_on_which_side(tmp_path: Path) -> None:
    searched(experiment(repetitions=3, search=SEARCH | {"low": "50 /s"}), tmp_path / "below")
    searched(experiment(repetitions=3, search=SEARCH | {"high": "30 /s"}), tmp_path / "above")
    (below,), (above,) = knee.read(tmp_path / "below"), knee.read(tmp_path / "above")
    assert (below.sustained, below.not_sustained, len(below.tried)) == (None, "50.0 /s", 1)
    assert (above.sustained, above.not_sustained, len(above.tried)) == ("30.0 /s", None, 2)
    assert "nothing less was tried" in str(below)
    assert "nothing more was tried" in str(above)
    assert knee.read(tmp_path) == ()
