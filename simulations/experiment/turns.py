"""The turns of a run: each cell once, then all of them again, as often as the file says. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from simulations.experiment import sweep
from simulations.experiment.document import Experiment
from simulations.experiment.sweep import Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One repetition of one cell. `seed` is its own, whatever order the turns come in."""

    cell: Cell
    repetition: int
    seed: int

    def __str__(self) -> str:
        settings = [f"{name}={value}" for name, value in self.cell.settings.items() if not _is_table(value)]
        said = ", ".join([*([self.cell.name] if self.cell.name else []), *settings])
        return f"cell {self.cell.index}{f' ({said})' if said else ''}, repetition {self.repetition + 1}"


def turns(experiment: Experiment) -> list[Turn]:
    """Of all cells of the sweep, as `turns_of`."""
    return turns_of(experiment, sweep.cells(experiment))


def turns_of(experiment: Experiment, cells: Sequence[Cell]) -> list[Turn]:
    """All cells once, then all of them again in the opposite order: a noisy hour, or a machine that grows hot, hits
    every cell alike, and the sites that stand are those of the next turns."""
    return [
        Turn(cell=cell, repetition=number, seed=seed_of(experiment.seed, cell.index, number))
        for number in range(experiment.repetitions)
        for cell in (cells[::-1] if number % 2 else cells)
    ]


def seed_of(seed: int, cell: int, repetition: int) -> int:
    """63 bits from the experiment's seed."""
    return int.from_bytes(sha256(f"{seed}/{cell}/{repetition}".encode()).digest()[:8], "big") >> 1


def _is_table(value: object) -> bool:
    return isinstance(value, list | dict | tuple)
