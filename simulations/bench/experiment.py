"""What the bench knows of a measurement: the figures it gives, and how it is run."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from simulations.bench.bench import Bench
from simulations.bench.report import Figure, Measured, Part, Table

RECORDS_PER_S = "records/s"


@dataclass(slots=True)
class Samples:
    """Collects rounds: what each figure came to, and each part of it by (name, unit)."""

    figures: dict[str, list[float]] = field(default_factory=dict)
    parts: dict[str, dict[tuple[str, str], list[float]]] = field(default_factory=dict)

    def add(self, figure: str, value: float, **parts: tuple[float, str]) -> None:
        """One round of `figure`. A part is given as its value and its unit; `_` in its name is shown as a blank."""
        self.figures.setdefault(figure, []).append(value)
        found = self.parts.setdefault(figure, {})
        for name, (part, unit) in parts.items():
            found.setdefault((name.replace("_", " "), unit), []).append(part)

    def measured(self, figure: Figure) -> Measured:
        parts = self.parts[figure.name]
        return Measured(
            figure=figure,
            samples=tuple(self.figures[figure.name]),
            parts=tuple(Part(name=name, unit=unit, samples=tuple(some)) for (name, unit), some in parts.items()),
        )


class Experiment(Protocol):
    """One measurement in rounds, which gives all its figures. `run` leaves nothing running."""

    name: str
    figures: Sequence[Figure]

    def run(self, bench: Bench) -> Samples: ...


class Comparison(Protocol):
    """A table without bounds."""

    name: str
    title: str

    def run(self, bench: Bench) -> Table: ...


def gather(experiment: Experiment, samples: Samples) -> list[Measured]:
    return [samples.measured(figure) for figure in experiment.figures]
