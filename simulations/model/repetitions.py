"""The same experiment file with another number of repetitions. Pure."""

import re
from dataclasses import replace
from hashlib import sha256

from shared.errors import DocumentError
from simulations.experiment.read import ExperimentFile, parse

_LINE = re.compile(r"^\s*repetitions\s*=.*$", re.MULTILINE)
_FIRST_TABLE = re.compile(r"^\s*\[", re.MULTILINE)


def with_repetitions(file: ExperimentFile, count: int) -> ExperimentFile:
    """Its text says so too, for whoever reads the results. Raises DocumentError for a number that cannot be."""
    text = _written(file.text, f"repetitions = {count}")
    experiment = parse(text)
    if experiment.repetitions != count:
        raise DocumentError("stands where it cannot be replaced: change it in the file", field="repetitions")
    return replace(file, experiment=experiment, text=text, digest=sha256(text.encode()).hexdigest())


def _written(text: str, line: str) -> str:
    table = _FIRST_TABLE.search(text)
    head = text if table is None else text[: table.start()]
    rest = text[len(head) :]
    found, count = _LINE.subn(line, head, count=1)
    return (found if count else f"{line}\n{head}") + rest
