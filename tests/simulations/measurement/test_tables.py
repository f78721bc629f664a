"""What is written is what is read, with its types; what is something else is named."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import DocumentError, StorageError
from simulations.measurement.columns import Columns, chosen, from_rows, joined, to_rows
from simulations.measurement.rows import HopRow, LagRow, LinkRow, RecordRow, ResourceRow, Row
from simulations.measurement.tables import read_csv, read_parquet, schema, write_csv, write_parquet

KINDS = [RecordRow, HopRow, LinkRow, ResourceRow, LagRow]
micros = st.integers(0, 2**53)
records = st.builds(
    RecordRow,
    cell=st.integers(0, 9),
    repetition=st.integers(0, 9),
    client=st.integers(0, 2**40),
    number=st.integers(0, 2**40),
    id=st.text("0123456789abcdef", max_size=32),
    due_us=micros,
    sent_us=micros,
    acked_us=st.none() | micros,
    answered_us=st.none() | micros,
    warm_up=st.booleans(),
    tier=st.none() | st.text("abc ,\"'\n", max_size=4),
    class_=st.none() | st.integers(0, 1000),
    label=st.none() | st.integers(0, 1000),
    confidence=st.none() | st.floats(0, 1),
    degraded=st.booleans(),
    answers=st.integers(0, 5),
    dead_letter=st.none() | st.just("") | st.just("no room"),
)
HOP = HopRow(cell=0, repetition=1, id="ab", hop=0, tier="edge", node="e1", received_us=1, inferred_us=2, sent_us=3)


@given(st.lists(records, max_size=5))
def test_rows_come_back_from_columns(rows: list[RecordRow]) -> None:
    assert to_rows(RecordRow, from_rows(RecordRow, rows)) == rows


@given(rows=st.lists(records, max_size=5))
def test_rows_come_back_from_parquet(tmp_path_factory: pytest.TempPathFactory, rows: list[RecordRow]) -> None:
    path = tmp_path_factory.getbasetemp() / "records.parquet"
    write_parquet(path, RecordRow, from_rows(RecordRow, rows))
    assert to_rows(RecordRow, read_parquet(path, RecordRow)) == rows


@given(rows=st.lists(records, max_size=5))
def test_rows_come_back_from_csv(tmp_path_factory: pytest.TempPathFactory, rows: list[RecordRow]) -> None:
    path = tmp_path_factory.getbasetemp() / "records.csv"
    write_csv(path, RecordRow, from_rows(RecordRow, rows))
    assert to_rows(RecordRow, read_csv(path, RecordRow)) == rows


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_of_no_rows_keeps_its_columns(kind: type[Row], tmp_path: Path) -> None:
    write_parquet(tmp_path / "one.parquet", kind, from_rows(kind, []))
    write_csv(tmp_path / "one.csv", kind, from_rows(kind, []))
    assert to_rows(kind, read_parquet(tmp_path / "one.parquet", kind)) == []
    assert to_rows(kind, read_csv(tmp_path / "one.csv", kind)) == []


def test_the_class_that_was_predicted_is_called_so_in_the_table() -> None:
    assert "class" in schema(RecordRow).names


def test_another_table_is_refused_by_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "hops.parquet"
    write_parquet(path, HopRow, from_rows(HopRow, [HOP]))
    with pytest.raises(DocumentError, match=r"hops\.parquet has the columns"):
        read_parquet(path, LagRow)


class _Older(Row, frozen=True, kw_only=True):
    at_us: float
    tier: str
    records: int


def test_a_column_of_another_type_is_named(tmp_path: Path) -> None:
    path = tmp_path / "lag.parquet"
    write_parquet(path, _Older, from_rows(_Older, [_Older(cell=0, repetition=0, at_us=0.5, tier="edge", records=1)]))
    with pytest.raises(DocumentError, match=r"^at_us: .*double, not int64"):
        read_parquet(path, LagRow)


class _Incomplete(Row, frozen=True, kw_only=True):
    at_us: int
    tier: str | None
    records: int


def test_a_missing_value_where_there_must_be_one_is_named(tmp_path: Path) -> None:
    path = tmp_path / "lag.parquet"
    row = _Incomplete(cell=0, repetition=0, at_us=1, tier=None, records=1)
    write_parquet(path, _Incomplete, from_rows(_Incomplete, [row]))
    with pytest.raises(DocumentError, match=r"^tier: .*lacks 1"):
        read_parquet(path, LagRow)


def test_half_a_file_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "hops.parquet"
    write_parquet(path, HopRow, from_rows(HopRow, [HOP]))
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(StorageError, match=r"hops\.parquet is damaged"):
        read_parquet(path, HopRow)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"hops\.parquet: No such file"):
        read_parquet(tmp_path / "hops.parquet", HopRow)


def test_nothing_half_written_stays_behind(tmp_path: Path) -> None:
    write_parquet(tmp_path / "hops.parquet", HopRow, from_rows(HopRow, [HOP]))
    assert [path.name for path in tmp_path.iterdir()] == ["hops.parquet"]


def test_tables_are_put_below_each_other_and_chosen_from() -> None:
    second = msgspec.structs.replace(HOP, id="cd")
    both: Columns = joined(HopRow, [from_rows(HopRow, [HOP]), from_rows(HopRow, [second])])
    assert to_rows(HopRow, chosen(both, both["id"] == "cd")) == [second]
    assert to_rows(HopRow, joined(HopRow, [])) == []
