"""How accuracy, versions and staleness went over virtual time, a seed a colour."""

from collections.abc import Callable

from simulations.federation.outcome import Outcome, SeedOutcome, Version
from simulations.report.charts import Palette
from simulations.report.content import Axis, Estimate, Facet, Point, Series, Trade
from simulations.report.pictures import Picture, picture

# More would be a line so thick that nothing is seen under it.
_MOST_POINTS = 60


def drawn(outcome: Outcome) -> Picture:
    chart = of(outcome)
    return picture(chart, Palette.of([chart]))


def of(outcome: Outcome) -> Trade:
    return Trade(
        name="federation",
        title=f"{outcome.name}: versions over virtual time",
        x=Axis(label="virtual time", unit="s", log=False),
        facets=(
            _facet(outcome, Axis(label="test accuracy", unit="%", log=False), lambda one: 100 * (one.accuracy or 0.0)),
            _facet(outcome, Axis(label="version", log=False), lambda one: float(one.round)),
            _facet(outcome, Axis(label="staleness", unit="versions", log=False), lambda one: one.staleness),
        ),
    )


def _facet(outcome: Outcome, axis: Axis, value: Callable[[Version], float]) -> Facet:
    return Facet(y=axis, series=tuple(_series(one, value) for one in outcome.seeds))


def _series(one: SeedOutcome, value: Callable[[Version], float]) -> Series:
    points = (Point(x=version.at_s, y=Estimate(value=value(version))) for version in some(one.versions, _MOST_POINTS))
    return Series(label=f"seed {one.seed}", points=tuple(points))


def some(versions: tuple[Version, ...], most: int) -> tuple[Version, ...]:
    """At most so many, evenly from the first to the last."""
    if len(versions) <= most:
        return versions
    return tuple(versions[round(place * (len(versions) - 1) / (most - 1))] for place in range(most))
