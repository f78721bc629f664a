"""Links: between neighbours, one each, and possible."""

import math
from collections.abc import Iterator
from itertools import combinations

from shared.errors import DocumentError
from simulations.experiment.document import Experiment, Jitter, Link
from simulations.experiment.places import places
from simulations.experiment.presets import resolved
from simulations.experiment.problem import Problem

# How far below the mean delays are drawn, in units of `jitter`. Normal has no end: one in six is farther than one.
# Pareto with the shape 3 begins half its scale below its mean, and its deviation is sqrt(3)/2 scales.
_BELOW_MEAN = {Jitter.NORMAL: 1.0, Jitter.UNIFORM: 1.0, Jitter.PARETO: 1 / math.sqrt(3)}

_HOUR_S = 3600.0


def problems(experiment: Experiment) -> Iterator[Problem]:
    line = places(experiment)
    for link in experiment.links:
        yield from _ends(link, line)
        yield from _numbers(link)
    for one, other in combinations(experiment.links, 2):
        if set(one.between) == set(other.between):
            yield Problem(
                field=f"links.{other.name}", text=f"joins the same places as {one.name}", remedy="keep one of them"
            )
        elif one.name == other.name:
            yield Problem(field=f"links.{other.name}", text="is the name of two links", remedy="rename a tier")


def _ends(link: Link, line: tuple[str, ...]) -> Iterator[Problem]:
    field = f"links.{link.name}.between"
    unknown = [place for place in link.between if place not in line]
    if unknown:
        yield Problem(
            field=field, text=f"names {unknown[0]!r}, which is no place", remedy=f"places are {', '.join(line)}"
        )
        return
    near, far = (line.index(place) for place in link.between)
    if near > far:
        yield Problem(
            field=field,
            text="names the farther place first",
            remedy=f'between = ["{link.between[1]}", "{link.between[0]}"]: the place nearer to the clients first',
        )
    elif far - near != 1:
        yield Problem(
            field=field,
            text="are no neighbours",
            remedy=f"the line is {', '.join(line)}: join neighbours, and longer ways cross all links between",
        )


def _numbers(link: Link) -> Iterator[Problem]:
    field = f"links.{link.name}"
    try:
        known = resolved(link)
    except DocumentError as error:
        yield Problem(field=error.field, text=error.reason, remedy="name one of these, or give the numbers themselves")
        return
    for name, value in (("bandwidth", link.bandwidth), ("bandwidth_down", link.bandwidth_down)):
        if value == 0.0:
            yield Problem(
                field=f"{field}.{name}",
                text="lets nothing through",
                remedy="leave it out for no limit, or plan a `cut`",
            )
    for name, seconds in (("latency", known.latency_s), ("jitter", known.jitter_s)):
        if seconds > _HOUR_S:
            yield Problem(field=f"{field}.{name}", text="is more than an hour", remedy='a delay, such as "20 ms"')
    if known.loss >= 1:
        yield Problem(field=f"{field}.loss", text="loses everything", remedy="take less than 100 %, or plan a `cut`")
    most_s = known.latency_s / _BELOW_MEAN[known.distribution]
    if known.jitter_s > most_s:
        yield Problem(
            field=f"{field}.jitter",
            text="is so large that delays below zero would be drawn: they become zero, and the mean grows",
            remedy=f"at most {most_s * 1e3:.3g} ms with this latency and distribution",
            is_warning=True,
        )
