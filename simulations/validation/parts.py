"""Which part of a run the model is fitted to, and which it must predict. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.errors import DocumentError
from simulations.experiment.sweep import Cell
from simulations.measurement.figures import measures
from simulations.measurement.run_folder import Tables
from simulations.measurement.statistics import value


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some repetitions of a cell, each the tables of one."""

    cell: Cell
    repetitions: tuple[Tables, ...]

    @property
    def tables(self) -> Tables:
        return Tables.joined(self.repetitions)

    @property
    def numbers(self) -> tuple[int, ...]:
        return tuple(int(one.records["repetition"][0]) for one in self.repetitions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """No row is in both. `described`: what the model is fitted to, for people."""

    calibration: Part
    predicted: tuple[Part, ...]
    described: str


def split(cells: Sequence[Cell], tables: Tables) -> Split:
    """The cell of the least load is fitted to, all others are predicted: what more load does the model must find by
    itself. Of a single cell, every other repetition.

    Raises DocumentError where a run has but one cell and one repetition.
    """
    there = set(tables.cells())
    parts = [Part(cell=cell, repetitions=tables.repetitions(cell.index)) for cell in cells if cell.index in there]
    if len(parts) > 1:
        least = min(parts, key=lambda part: (offered(part), part.cell.index))
        others = tuple(part for part in parts if part is not least)
        return Split(calibration=least, predicted=others, described=f"cell {least.cell.index}, that of the least load")
    if not parts or len(parts[0].repetitions) < 2:
        raise DocumentError(
            "one cell with one repetition leaves nothing to predict: repeat it, or sweep a load", field="repetitions"
        )
    one = parts[0]
    return Split(
        calibration=Part(cell=one.cell, repetitions=one.repetitions[::2]),
        predicted=(Part(cell=one.cell, repetitions=one.repetitions[1::2]),),
        described="every other repetition",
    )


def offered(part: Part) -> float:
    """Records a second that the clients were to send."""
    return figure(part.tables, part.cell.index, "offered")


def figure(tables: Tables, cell: int, name: str) -> float:
    return next(value(one.estimator) for one in measures(tables, cell) if one.name == name)
