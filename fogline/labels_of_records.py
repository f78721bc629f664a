"""What is right for each record of a file: classes by number, or by name."""

from pathlib import Path

import msgspec

from fogline.outgoing import LINES, array_of, lines_of_file, load_arrays, member
from shared.errors import SettingsError

ARRAYS = ("labels", "y", "classes")
MEMBER = "label"

Label = int | str


def read_labels(file: Path, *, field: str | None = None) -> list[Label]:
    """One a row of an `.npz`, or a record of a `.jsonl`. Raises SettingsError naming file, record and field."""
    if file.suffix in LINES:
        return _of_lines(file, field or MEMBER)
    with load_arrays(file) as arrays:
        return [_label(one, str(file)) for one in array_of(file, arrays, field, ARRAYS).tolist()]


def _of_lines(file: Path, field: str) -> list[Label]:
    lines = (line for batch in lines_of_file(file) for line in batch if line.strip())
    places = ((line, f"{file}, record {number}") for number, line in enumerate(lines, start=1))
    return [_label(msgspec.json.decode(member(line, where, field)), where) for line, where in places]


def _label(value: object, where: str) -> Label:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise SettingsError(f"{where}: {value!r} is no label: a class is a number or a name")
    return value
