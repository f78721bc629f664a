"""Tables as columns: one numpy array a field of a row.

Integers are int64, strings objects. Where a number may be missing its column is float64 and NaN means missing, which
keeps integers below 2^53 exact: 285 years of microseconds. A missing string is None.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from types import NoneType
from typing import Any, TypeVar, get_args, get_type_hints

import msgspec
import numpy as np
from numpy.typing import NDArray

from simulations.measurement.rows import Row

Columns = Mapping[str, NDArray[Any]]
_Kind = TypeVar("_Kind", bound=Row)


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """`field` is its name in the row's class, where it differs from the table's."""

    name: str
    field: str
    kind: type
    nullable: bool

    @property
    def dtype(self) -> type:
        if self.kind is str:
            return object
        return float if self.nullable else self.kind


@cache
def layout(kind: type[Row]) -> tuple[Column, ...]:
    hints = get_type_hints(kind)
    return tuple(
        _column(field.encode_name, field.name, get_args(hints[field.name]) or (hints[field.name],))
        for field in msgspec.structs.fields(kind)
    )


def _column(name: str, field: str, kinds: tuple[type, ...]) -> Column:
    kind = next(one for one in kinds if one is not NoneType)
    return Column(name=name, field=field, kind=kind, nullable=NoneType in kinds)


def from_rows(kind: type[Row], rows: Sequence[Row]) -> Columns:
    return {column.name: _array(column, [getattr(row, column.field) for row in rows]) for column in layout(kind)}


def to_rows(kind: type[_Kind], columns: Columns) -> list[_Kind]:
    described = layout(kind)
    values = [_values(column, columns[column.name]) for column in described]
    fields = [column.field for column in described]
    return [kind(**dict(zip(fields, row, strict=True))) for row in zip(*values, strict=True)]


def _array(column: Column, values: Sequence[Any]) -> NDArray[Any]:
    if column.nullable and column.kind is not str:
        values = [np.nan if value is None else value for value in values]
    return np.array(values, dtype=column.dtype)


def _values(column: Column, array: NDArray[Any]) -> list[Any]:
    values: list[Any] = array.tolist()
    if not column.nullable or column.kind is str:
        return values
    return [None if value != value else column.kind(value) for value in values]


def joined(kind: type[Row], tables: Sequence[Columns]) -> Columns:
    """One table below the other."""
    if not tables:
        return from_rows(kind, [])
    return {column.name: np.concatenate([table[column.name] for table in tables]) for column in layout(kind)}


def chosen(columns: Columns, rows: NDArray[Any]) -> Columns:
    """`rows`: a mask or indices."""
    return {name: column[rows] for name, column in columns.items()}
