"""What a run of the bench found: documents, and what follows from them. Pure."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec

from simulations.bench.statistics import Spread, spread

API_VERSION = "fogline-bench/v1"


class Better(StrEnum):
    HIGHER = "higher"
    LOWER = "lower"


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """What is measured and how good it must be. `unit` is empty for a ratio; `must` and `aim` are in it."""

    name: str
    title: str
    must: float
    aim: float
    better: Better
    unit: str = ""

    def reaches(self, value: float, bound: float) -> bool:
        return value >= bound if self.better is Better.HIGHER else value <= bound


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A measured quantity that a figure is made of, one sample a round."""

    name: str
    unit: str
    samples: tuple[float, ...]

    @property
    def spread(self) -> Spread:
        return spread(self.samples)


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """One figure after its rounds: the median counts."""

    figure: Figure
    samples: tuple[float, ...]
    parts: tuple[Part, ...] = ()

    @property
    def spread(self) -> Spread:
        return spread(self.samples)

    @property
    def reaches_must(self) -> bool:
        return self.figure.reaches(self.spread.median, self.figure.must)

    @property
    def reaches_aim(self) -> bool:
        return self.figure.reaches(self.spread.median, self.figure.aim)


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """Figures without a bound. All cells are text, as they are shown."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    cpu: str
    cores: int
    memory_mib: int
    kernel: str
    python: str
    versions: Mapping[str, str]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """`began` is UTC in ISO 8601; `cores_elsewhere` what others took of the machine meanwhile, where that is known."""

    api_version: str = API_VERSION
    began: str
    seconds: float
    rounds: int
    cores_elsewhere: float | None
    machine: Machine
    figures: tuple[Measured, ...]
    tables: tuple[Table, ...]


def missed(figures: Sequence[Measured]) -> tuple[Measured, ...]:
    """Those that do not reach what they must."""
    return tuple(one for one in figures if not one.reaches_must)


def encode(report: Report) -> bytes:
    """JSON for people and programs: spreads and verdicts stand beside the samples they follow from."""
    document = msgspec.to_builtins(report)
    for shown, one in zip(document["figures"], report.figures, strict=True):
        shown |= msgspec.to_builtins(one.spread)
        shown |= {"reaches_must": one.reaches_must, "reaches_aim": one.reaches_aim}
        for part, source in zip(shown["parts"], one.parts, strict=True):
            part |= msgspec.to_builtins(source.spread)
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"
