"""Records from files, on their way to a topic: rows of arrays, or lines of JSON."""

import os
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar
from zipfile import BadZipFile

import msgspec
import numpy as np
import numpy.typing as npt

from shared.errors import SettingsError

ROWS = ("images", "x", "records", "data")
BATCH = 256
LINES = (".jsonl", ".ndjson", ".json")
CHUNK_BYTES = 1 << 16
T = TypeVar("T")
STDIN = Path("-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """`row` is its place in the file, from 0."""

    row: int
    value: bytes
    key: bytes | None = None


def read_batches(file: Path, *, field: str | None = None, keys: str | None = None) -> Iterator[list[Outgoing]]:
    """`field` names what is sent, `keys` what gives Kafka keys: an array of an `.npz`, or a member of each JSON object.

    A batch of stdin is what has come so far. Raises SettingsError naming file, line and field.
    """
    if file == STDIN:
        return _of_lines(_lines_of(0), "stdin", field, keys)
    if file.suffix == ".npz":
        return _batched(_rows(file, field, keys))
    if file.suffix in LINES:
        return _of_lines(lines_of_file(file), str(file), field, keys)
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


@contextmanager
def load_arrays(file: Path) -> Iterator[Any]:
    """The open `.npz`. Raises SettingsError for any other file."""
    # Numpy leaves a damaged file open that it has opened itself.
    with ExitStack() as closing:
        try:
            arrays = np.load(closing.enter_context(file.open("rb")), allow_pickle=False)
        except OSError as error:
            raise SettingsError(f"{file} cannot be read as .npz: {error}") from error
        except (ValueError, EOFError, BadZipFile) as error:
            # Numpy takes what it does not know for a pickle, and says how to trust it.
            raise SettingsError(f"{file} cannot be read as .npz: it is no archive of arrays") from error
        if not isinstance(arrays, np.lib.npyio.NpzFile):
            raise SettingsError(f"{file} is a single array, not an .npz of named ones")
        yield closing.enter_context(arrays)


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
    except (OSError, EOFError, BadZipFile, zlib.error) as error:
        raise SettingsError(f"{file}: array {found!r} is damaged: {error}") from error
    if not isinstance(array, np.ndarray):
        raise SettingsError(f"{file}: {found!r} is no array of numpy's")
    if array.ndim == 0:
        raise SettingsError(f"{file}: array {found!r} is a single number and has no rows")
    return array


def little_endian(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """What the wire carries. C order comes with `tobytes`."""
    return array.astype(array.dtype.newbyteorder("<"), copy=False)


def _of_lines(
    batches: Iterable[list[bytes]], source: str, field: str | None, keys: str | None
) -> Iterator[list[Outgoing]]:
    row = 0
    for batch in batches:
        records = []
        for line in batch:
            if line.strip():
                records.append(_of_line(line.strip(), row, f"{source}, record {row + 1}", field, keys))
                row += 1
        if records:
            yield records


def _of_line(line: bytes, row: int, where: str, field: str | None, keys: str | None) -> Outgoing:
    value = line if field is None else bytes(member(line, where, field))
    if field is None and keys is None:
        _checked(line, where, msgspec.Raw)
    return Outgoing(row=row, value=value, key=None if keys is None else _key(member(line, where, keys)))


def member(line: bytes, where: str, name: str) -> msgspec.Raw:
    """One member of a JSON object as it was written. Raises SettingsError naming the place."""
    document = _checked(line, where, dict[str, msgspec.Raw])
    if name not in document:
        raise SettingsError(f"{where} has no member {name!r}, it has {', '.join(document)}")
    return document[name]


def _checked(line: bytes, where: str, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(line, type=kind)
    except msgspec.DecodeError as error:
        raise SettingsError(f"{where} is not JSON as it was expected: {error}") from error


def _key(value: msgspec.Raw) -> bytes:
    """Text without its quotes, anything else as it was written."""
    decoded = msgspec.json.decode(value)
    return decoded.encode() if isinstance(decoded, str) else bytes(value)


def lines_of_file(file: Path) -> Iterator[list[bytes]]:
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
