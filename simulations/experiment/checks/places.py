"""Places that the file names itself: each once, with every tier at one of them, in the tiers' order."""

from collections.abc import Iterator

from simulations.experiment.document import Experiment
from simulations.experiment.problem import Problem


def problems(experiment: Experiment) -> Iterator[Problem]:
    line = experiment.places
    if not line:
        return
    for place in sorted({place for place in line if line.count(place) > 1}):
        yield Problem(field="places", text=f"names {place!r} twice", remedy="name each place once")
    tiers = [tier.name for tier in experiment.tiers]
    for tier in tiers:
        if tier not in line:
            yield Problem(field=f"tiers.{tier}", text="is at no place", remedy=f"places are {', '.join(line)}")
    there = [place for place in line if place in tiers]
    if set(there) == set(tiers) and there != tiers:
        yield Problem(field="tiers", text="are not in the order of the places", remedy=f"write {', '.join(there)}")
