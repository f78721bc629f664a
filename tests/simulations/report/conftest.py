"""One report with every kind of chart, of made-up numbers and names that try to break out of the page."""

import math

import numpy as np
import pytest

from simulations.report.content import (
    Axis,
    Bar,
    BarGroup,
    Curves,
    Difference,
    Differences,
    Distribution,
    Distributions,
    Estimate,
    Facet,
    Fact,
    Mark,
    Panel,
    Point,
    Report,
    Section,
    Series,
    Stacks,
    Strip,
    Table,
    Timeline,
    Trace,
    Trade,
    Verdict,
)

HOSTILE = '<script src="http://example.org/$x$">&"\'</script>'


def around(value: float) -> Estimate:
    return Estimate(value=value, low=value * 0.9, high=value * 1.2)


def distributions() -> Distributions:
    repetitions = tuple(np.random.default_rng(seed).lognormal(3, 1, 500) for seed in (1, 2))
    lost = (np.array([*range(1, 30), np.inf], dtype=np.float64),)
    return Distributions(
        name="response-time",
        title=HOSTILE,
        caption=HOSTILE,
        axis=Axis(label=HOSTILE, unit="ms"),
        series=(
            Distribution(label=HOSTILE, repetitions=repetitions),
            Distribution(label="lossy", repetitions=lost),
            Distribution(label="all lost", repetitions=(np.full(3, np.inf),)),
        ),
    )


def curves() -> Curves:
    points = (
        *(Point(x=x, y=around(20.0 * x)) for x in (1, 8)),
        Point(x=32, y=Estimate(value=math.inf, low=9.0, high=math.inf)),
    )
    return Curves(
        name="latency-by-clients",
        title="Latency by clients",
        x=Axis(label="clients"),
        y=Axis(label="response time", unit="ms"),
        panels=tuple(
            Panel(
                title=HOSTILE,
                series=(
                    Series(label="lossy", points=points),
                    Series(label="nothing measured", points=()),
                    Series(
                        label=HOSTILE, points=tuple(Point(x=x, y=Estimate(value=x)) for x in (1, 32)), reference=True
                    ),
                ),
                marks=(Mark(at=16, label=HOSTILE),),
            )
            for _ in range(4)
        ),
    )


def stacks() -> Stacks:
    bars = (Bar(label=HOSTILE, parts=(1.0, 0.0, 3.0), total=around(4.0)), Bar(label="nothing", parts=(0.0, 0.0, 0.0)))
    groups = (BarGroup(title=HOSTILE, bars=bars), BarGroup(title="other", bars=bars))
    return Stacks(
        name="parts",
        title="Parts",
        axis=Axis(label="time", unit="ms"),
        parts=("waiting", "link", HOSTILE),
        groups=groups,
    )


def timeline() -> Timeline:
    at_s = np.arange(0, 10, 0.5)
    values = np.where((at_s > 3) & (at_s < 5), np.nan, at_s + 1)
    traces = (Trace(label="p50", at_s=at_s, values=values), Trace(label=HOSTILE, at_s=at_s, values=values * 100))
    gone = Strip(axis=Axis(label="gone"), traces=(Trace(label="gone", at_s=at_s, values=np.full(len(at_s), np.nan)),))
    marks = (Mark(at=3, label=HOSTILE, until=5), Mark(at=5, label="restart", good=True))
    return Timeline(
        name="faults", title="Faults", strips=(Strip(axis=Axis(label="response"), traces=traces), gone), marks=marks
    )


def trade() -> Trade:
    points = tuple(Point(x=x, y=Estimate(value=x * x)) for x in (0.0, 1.0, 4.0))
    series = (
        Series(label=HOSTILE, points=points),
        Series(label="bound", points=points[:1] + points[-1:], reference=True),
    )
    facets = tuple(Facet(y=Axis(label=HOSTILE, unit="%"), series=series) for _ in range(3))
    return Trade(
        name="trade", title=HOSTILE, x=Axis(label=HOSTILE), facets=facets, marks=(Mark(at=1, label=HOSTILE, good=True),)
    )


def differences() -> Differences:
    def row(relative: Estimate, lower_is_better: bool | None) -> Difference:
        this, other = around(2.0), around(3.0)
        return Difference(
            label=HOSTILE, unit="ms", this=this, other=other, relative=relative, p=0.01, lower_is_better=lower_is_better
        )

    sure, unsure = Estimate(value=-0.3, low=-0.4, high=-0.2), Estimate(value=-0.3)
    return Differences(
        name="against", title="Against", rows=(row(sure, True), row(sure, False), row(sure, None), row(unsure, True))
    )


@pytest.fixture
def report() -> Report:
    rows = (
        (HOSTILE, 1, 2.5, around(3.0), Verdict(kept=False, text=HOSTILE), None),
        ("b", 1, 2.5, around(3.0), None, None),
    )
    table = Table(
        name="everything", title=HOSTILE, caption=HOSTILE, columns=(HOSTILE, "b", "c", "d", "e", "f"), rows=rows
    )
    return Report(
        title=HOSTILE,
        lead=HOSTILE,
        facts=(Fact(name=HOSTILE, value=HOSTILE),),
        sections=(
            Section(title=HOSTILE, text=(HOSTILE,), items=(distributions(), curves(), stacks())),
            Section(title="Faults", items=(timeline(), differences(), trade(), table)),
        ),
        manifest=(Fact(name=HOSTILE, value=HOSTILE),),
        experiment=HOSTILE,
        warnings=(HOSTILE,),
    )
