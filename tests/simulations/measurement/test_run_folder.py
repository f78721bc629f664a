"""A run's folder: what is finished is read, what is not is passed over."""

from pathlib import Path

from simulations.measurement.columns import to_rows
from simulations.measurement.rows import LagRow, RecordRow
from simulations.measurement.run_folder import DONE, Tables, finished, folder, read, read_run, write, write_as_csv


def tables(cell: int, repetition: int) -> Tables:
    record = RecordRow(cell=cell, repetition=repetition, client=0, number=0, id="00", due_us=0, sent_us=1)
    lag = LagRow(cell=cell, repetition=repetition, at_us=0, tier="edge", records=3)
    return Tables.of(records=[record], lag=[lag])


def kept(run: Path, cell: int, repetition: int, *, done: bool = True) -> None:
    where = folder(run, cell, repetition)
    write(where, tables(cell, repetition))
    if done:
        (where / DONE).write_text("{}")


def test_what_was_written_is_read(tmp_path: Path) -> None:
    write(tmp_path, tables(1, 2))
    found = read(tmp_path)
    assert to_rows(RecordRow, found.records)[0].cell == 1
    assert to_rows(LagRow, found.lag)[0].records == 3
    assert len(found.hops["id"]) == 0


def test_a_repetition_that_was_cut_off_is_passed_over(tmp_path: Path) -> None:
    kept(tmp_path, 0, 0)
    kept(tmp_path, 0, 1, done=False)
    assert finished(tmp_path) == (folder(tmp_path, 0, 0),)


def test_a_run_is_read_in_the_order_of_its_numbers(tmp_path: Path) -> None:
    for cell, repetition in [(10, 0), (2, 10), (2, 9)]:
        kept(tmp_path, cell, repetition)
    found = read_run(tmp_path)
    assert found.cells() == (2, 10)
    assert found.records["repetition"].tolist() == [9, 10, 0]
    assert [one.records["repetition"].tolist() for one in found.repetitions(2)] == [[9], [10]]


def test_a_run_in_which_nothing_is_finished_has_no_cells(tmp_path: Path) -> None:
    assert read_run(tmp_path).cells() == ()


def test_all_tables_are_there_as_csv(tmp_path: Path) -> None:
    write_as_csv(tmp_path / "csv", tables(0, 0))
    names = sorted(path.name for path in (tmp_path / "csv").iterdir())
    assert names == ["hops.csv", "lag.csv", "links.csv", "records.csv", "resources.csv"]
