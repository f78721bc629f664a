"""Tables on disk: Parquet for the run, CSV for whoever prefers it. Both keep the types of the row's class.

A file is written whole or not at all, and read only if its columns are what the row's class says.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from numpy.typing import NDArray

from shared.errors import DocumentError, StorageError
from shared.storage import replace_file, storage_errors
from simulations.measurement.columns import Column, Columns, layout
from simulations.measurement.rows import Row

_TYPES: dict[type, Any] = {int: pa.int64(), float: pa.float64(), bool: pa.bool_(), str: pa.string()}


def write_parquet(path: Path, kind: type[Row], columns: Columns) -> None:
    """Raises StorageError."""
    written = io.BytesIO()
    pa.parquet.write_table(_to_arrow(kind, columns), written, compression="zstd")
    replace_file(path, written.getvalue())


def write_csv(path: Path, kind: type[Row], columns: Columns) -> None:
    """A header line; strings in quotes, nothing at all where a value is missing. Raises StorageError."""
    written = io.BytesIO()
    pa.csv.write_csv(_to_arrow(kind, columns), written)
    replace_file(path, written.getvalue())


def read_parquet(path: Path, kind: type[Row]) -> Columns:
    """Raises StorageError where there is no such file or a damaged one, DocumentError where it is another table."""
    with storage_errors(path):
        content = path.read_bytes()
    with _damage(path):
        # Tables are many and small: a data set of one file, and threads to read it, would take longer than reading it.
        table = pa.parquet.ParquetFile(io.BytesIO(content)).read(use_threads=False)
    return _from_arrow(path, kind, table)


def read_csv(path: Path, kind: type[Row]) -> Columns:
    """Raises as `read_parquet` does."""
    types = {field.name: field.type for field in schema(kind)}
    options = pa.csv.ConvertOptions(column_types=types, strings_can_be_null=True, quoted_strings_can_be_null=False)
    with storage_errors(path):
        content = path.read_bytes()
    with _damage(path):
        table = pa.csv.read_csv(io.BytesIO(content), convert_options=options)
    return _from_arrow(path, kind, table)


def schema(kind: type[Row]) -> Any:  # noqa: ANN401 - pyarrow ships no types
    """pyarrow's schema of a row's class, its columns in the order of the fields."""
    return pa.schema([pa.field(one.name, _TYPES[one.kind], nullable=one.nullable) for one in layout(kind)])


def _to_arrow(kind: type[Row], columns: Columns) -> Any:  # noqa: ANN401
    return pa.table([_arrow(one, columns[one.name]) for one in layout(kind)], schema=schema(kind))


def _arrow(column: Column, values: NDArray[Any]) -> Any:  # noqa: ANN401
    written_as = _TYPES[column.kind]
    if column.nullable and column.kind is not str:
        return pa.array(values, type=pa.float64(), from_pandas=True).cast(written_as)
    return pa.array(values, type=written_as)


def _from_arrow(path: Path, kind: type[Row], table: Any) -> Columns:  # noqa: ANN401
    expected = [column.name for column in layout(kind)]
    if table.column_names != expected:
        raise DocumentError(f"{path} has the columns {table.column_names} instead of {expected}", field="columns")
    return {column.name: _numpy(path, column, table.column(column.name)) for column in layout(kind)}


def _numpy(path: Path, column: Column, values: Any) -> NDArray[Any]:  # noqa: ANN401
    if values.type != _TYPES[column.kind]:
        raise DocumentError(f"{path} holds {values.type}, not {_TYPES[column.kind]}", field=column.name)
    if values.null_count and not column.nullable:
        raise DocumentError(f"{path} lacks {values.null_count} values", field=column.name)
    if column.kind is str:
        return _strings(values)
    if column.nullable:
        values = values.cast(pa.float64())
    found: NDArray[Any] = values.to_numpy(zero_copy_only=False).astype(column.dtype)
    return found


def _strings(values: Any) -> NDArray[Any]:  # noqa: ANN401
    """Equal ones are one object: a million rows name few tiers."""
    encoded = values.combine_chunks().dictionary_encode()
    words = np.array([*encoded.dictionary.to_pylist(), None], dtype=object)
    found: NDArray[Any] = words[encoded.indices.fill_null(len(words) - 1).to_numpy(zero_copy_only=False)]
    return found


@contextmanager
def _damage(path: Path) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        raise StorageError(f"{path} is damaged, or no table: {error}; remove its folder and run again") from error
