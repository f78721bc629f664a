"""What a report says: numbers, intervals and series in sections. It knows no run folder and no drawing library.

Every chart and table has a `name` of lower-case letters, digits and hyphens, unique in its report: it becomes the name
of files and an anchor on the page. Text is plain text; the page escapes it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A value and its 95 % interval; without `low` and `high` nobody knows how sure it is. May be infinite."""

    value: float
    low: float | None = None
    high: float | None = None

    @property
    def interval(self) -> tuple[float, float] | None:
        return None if self.low is None or self.high is None else (self.low, self.high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What can be linked to. Raises ValueError when `name` cannot be the name of a file."""

    name: str
    title: str
    caption: str = ""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r} cannot name a chart or table: lower-case letters, digits and hyphens")


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """`log` None: logarithmic where the values span decades. `unit` is empty for counts and ratios."""

    label: str
    unit: str = ""
    log: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Distribution:
    """All values of one cell, an array a repetition. Infinite: it never came. NaN is not allowed."""

    label: str
    repetitions: tuple[NDArray[np.float64], ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Distributions(Named):
    """Distribution functions, and their tails on an axis of nines."""

    axis: Axis
    series: tuple[Distribution, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    x: float
    y: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Measured points, or with `reference` a line to hold them against: a model, an ideal, somebody else's figures."""

    label: str
    points: tuple[Point, ...]
    reference: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Something that happened at `at`, on the x axis; until `until` where it lasted. `good`: it made things better."""

    at: float
    label: str
    until: float | None = None
    good: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One of several pictures side by side over the same x axis."""

    title: str
    series: tuple[Series, ...]
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves(Named):
    """One quantity over another: latency by load, throughput by replicas."""

    x: Axis
    y: Axis
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """`parts` in the order of `Stacks.parts`, none below 0; they add up to `total`, left out where it says nothing."""

    label: str
    parts: tuple[float, ...]
    total: Estimate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BarGroup:
    title: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stacks(Named):
    """What a whole is made of: latency by tier and part, the share of records that leaves at each tier."""

    axis: Axis
    parts: tuple[str, ...]
    groups: tuple[BarGroup, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trace:
    """Values at moments (seconds after the load began); NaN leaves a gap."""

    label: str
    at_s: NDArray[np.float64]
    values: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Strip:
    """One quantity over time, under the other strips of its timeline."""

    axis: Axis
    traces: tuple[Trace, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Timeline(Named):
    """Strips over one time axis, faults marked through all of them."""

    strips: tuple[Strip, ...]
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """One quantity over the axis that all facets of a trade share; lines without their points."""

    y: Axis
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade(Named):
    """What is had for what: several quantities under each other, each on its own scale; the choice marked in all."""

    x: Axis
    facets: tuple[Facet, ...]
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One figure in two runs. `relative` is (this - other) / other; `p` of a permutation test, corrected for how many
    were tested. `lower_is_better` None: neither is."""

    label: str
    unit: str
    this: Estimate
    other: Estimate
    relative: Estimate
    p: float
    lower_is_better: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences(Named):
    """Two runs held against each other, a row a figure."""

    rows: tuple[Difference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether a promise was kept."""

    kept: bool
    text: str


TableCell = str | int | float | Estimate | Verdict | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Named):
    """Rows of cells, each as many as `columns`. A long one is `folded` away until a reader opens it."""

    columns: tuple[str, ...]
    rows: tuple[tuple[TableCell, ...], ...]
    folded: bool = False


Chart = Distributions | Curves | Stacks | Timeline | Trade | Differences


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    title: str
    text: tuple[str, ...] = ()
    items: tuple[Chart | Table, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`warnings` are what a reader must know before believing a number. Raises ValueError for a name used twice."""

    title: str
    lead: str
    facts: tuple[Fact, ...]
    sections: tuple[Section, ...]
    manifest: tuple[Fact, ...]
    experiment: str
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        names = [item.name for section in self.sections for item in section.items]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"names used twice in one report: {', '.join(twice)}")

    @property
    def charts(self) -> Iterator[Chart]:
        return (item for section in self.sections for item in section.items if not isinstance(item, Table))
