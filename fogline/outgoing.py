"""Records from files, on their way to a topic: rows of arrays, or lines of JSON."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from shared.errors import SettingsError

ROWS = ("images", "x", "records", "data")
BATCH = 256
CHUNK_BYTES = 1 << 16
STDIN = Path("-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """`row` is its place in the file, from 0."""

    row: int
    value: bytes
    key: bytes | None = None


def read_batches(file: Path, *, field: str | None = None, keys: str | None = None) -> Iterator[list[Outgoing]]:
    """`field` names the array of an `.npz` whose rows are sent, `keys` the array or JSON member that gives Kafka keys.

    A batch of stdin is what has come so far. Raises SettingsError naming file, line and field.
    """
    if file == STDIN:
        return _of_lines(_lines_of(0), "stdin", keys)
    if file.suffix == ".npz":
        return _batched(_rows(file, field, keys))
    if file.suffix in (".jsonl", ".ndjson", ".json"):
        return _of_lines(_lines_of_file(file), str(file), keys)
    raise SettingsError(f"{file} is neither .npz nor .jsonl; `-` reads JSON lines from stdin")


def _batched(records: Iterable[Outgoing]) -> Iterator[list[Outgoing]]:
    records = iter(records)
    while batch := list(islice(records, BATCH)):
        yield batch


def _rows(file: Path, field: str | None, keys: str | None) -> Iterator[Outgoing]:
    with load_arrays(file) as arrays:
        rows = little_endian(array_of(file, arrays, field, ROWS))
        keyed = None if keys is None else array_of(file, arrays, keys, ())
    if keyed is not None and len(keyed) != len(rows):
        raise SettingsError(f"{file}: {len(keyed)} keys for {len(rows)} rows")
    for index, row in enumerate(rows):
        yield Outgoing(row=index, value=row.tobytes(), key=None if keyed is None else str(keyed[index]).encode())


def load_arrays(file: Path) -> Any:  # noqa: ANN401 - numpy has no public name for an open .npz
    try:
        return np.load(file, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise SettingsError(f"{file} cannot be read as .npz: {error}") from error


def array_of(file: Path, arrays: Any, named: str | None, usual: tuple[str, ...]) -> npt.NDArray[Any]:  # noqa: ANN401
    """The array of that name, else the first of the usual names that is there."""
    names = usual if named is None else (named,)
    found = next((name for name in names if name in arrays.files), None)
    if found is None:
        raise SettingsError(f"{file} has no array {' or '.join(map(repr, names))}, it has {', '.join(arrays.files)}")
    try:
        array: npt.NDArray[Any] = arrays[found]
    except ValueError as error:
        raise SettingsError(f"{file}: array {found!r} holds Python objects, which are never unpickled") from error
    if array.ndim == 0:
        raise SettingsError(f"{file}: array {found!r} is a single number and has no rows")
    return array


def little_endian(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """What the wire carries. C order comes with `tobytes`."""
    return array.astype(array.dtype.newbyteorder("<"), copy=False)


def _of_lines(batches: Iterable[list[bytes]], source: str, keys: str | None) -> Iterator[list[Outgoing]]:
    row = 0
    for batch in batches:
        records = []
        for line in batch:
            if line.strip():
                records.append(
                    Outgoing(row=row, value=line.strip(), key=_key(line, f"{source}, record {row + 1}", keys))
                )
                row += 1
        if records:
            yield records


def _key(line: bytes, where: str, keys: str | None) -> bytes | None:
    try:
        document = msgspec.json.decode(line)
    except msgspec.DecodeError as error:
        raise SettingsError(f"{where} is not JSON: {error}") from error
    if keys is None:
        return None
    if not isinstance(document, dict) or keys not in document:
        raise SettingsError(f"{where} has no member {keys!r}")
    value = document[keys]
    return value.encode() if isinstance(value, str) else msgspec.json.encode(value)


def _lines_of_file(file: Path) -> Iterator[list[bytes]]:
    try:
        with file.open("rb") as lines:
            while batch := list(islice(lines, BATCH)):
                yield batch
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}") from error


def _lines_of(descriptor: int) -> Iterator[list[bytes]]:
    """Read without Python's buffer, whose lock a thread waiting here would hold at exit."""
    rest = b""
    while chunk := os.read(descriptor, CHUNK_BYTES):
        *lines, rest = (rest + chunk).split(b"\n")
        yield lines
    yield [rest]
