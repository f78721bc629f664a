"""What every exit of a deployed chain gave for labelled records: an `.npz`, checked before anything is proved by it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from numpy.typing import NDArray

from agent.training.judging.predictions import SUM_TOLERANCE, predictions
from fogline.outgoing import array_of, load_arrays
from shared.documents.types import Name
from shared.errors import DocumentError, SettingsError

LABELS = "labels"
# Half a step of eight bits for each class: what rounding does to the sum of a quantised exit.
_ROUNDING = 1 / 512
# Checked so many at a time: a check copies what it is given, as float64.
_BLOCK = 4096


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExitOutputs:
    """`probabilities`: of each exit `[n, classes]`, by tier, the sensor's first and the last tier last."""

    labels: NDArray[Any]
    probabilities: dict[str, NDArray[Any]]

    @property
    def tiers(self) -> tuple[str, ...]:
        return tuple(self.probabilities)

    @property
    def early(self) -> int:
        """How many exits are early: all but the last."""
        return len(self.probabilities) - 1


def read(file: Path) -> ExitOutputs:
    """Raises SettingsError naming file, array and row."""
    with load_arrays(file) as arrays:
        labels = array_of(file, arrays, LABELS, ())
        exits = {name: array_of(file, arrays, name, ()) for name in arrays.files if name != LABELS}
    try:
        _check(labels, exits)
    except DocumentError as error:
        raise SettingsError(f"{file}: {error}") from error
    return ExitOutputs(labels=labels, probabilities=exits)


def _check(labels: NDArray[Any], exits: dict[str, NDArray[Any]]) -> None:
    """Raises DocumentError; its `field` is the array, with the row where there is one."""
    if len(exits) < 2:
        raise DocumentError(f"exits of two tiers or more are needed, there is {', '.join(exits) or 'none'}")
    for tier in exits:
        _check_name(tier)
    for tier, given in exits.items():
        if len(given) != len(labels):
            raise DocumentError(f"{len(given)} records where there are {len(labels)} labels", field=tier)
        _check_exit(tier, given, labels)
    widths = {tier: given.shape[1] for tier, given in exits.items()}
    if len(set(widths.values())) > 1:
        counted = ", ".join(f"{tier} {width}" for tier, width in widths.items())
        raise DocumentError(f"the exits have different numbers of classes: {counted}")


def _check_name(tier: str) -> None:
    try:
        msgspec.convert(tier, Name)
    except msgspec.ValidationError as error:
        raise DocumentError(
            "an exit's array is called as its tier: lower-case letters, digits, hyphens", field=tier
        ) from error


def _check_exit(tier: str, given: NDArray[Any], labels: NDArray[Any]) -> None:
    tolerance = max(SUM_TOLERANCE, given.shape[1] * _ROUNDING) if given.ndim == 2 else SUM_TOLERANCE
    try:
        for first in range(0, max(1, len(given)), _BLOCK):
            rows = slice(first, first + _BLOCK)
            predictions(given[rows], labels[rows], first=first, tolerance=tolerance)
    except DocumentError as error:
        name, bracket, row = error.field.partition("[")
        of = tier if name == "probabilities" else name
        raise DocumentError(error.reason, field=f"{of}{bracket}{row}") from error
