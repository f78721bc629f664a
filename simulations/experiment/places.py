"""The line of places from the clients to the last tier, and the links between two of them. Pure."""

from itertools import pairwise

from shared.errors import DocumentError
from simulations.experiment.document import CLIENTS, Experiment


def places(experiment: Experiment) -> tuple[str, ...]:
    """In their order. Where the file names none, clients that no link names are at the first tier's place."""
    if experiment.places:
        return experiment.places
    named = any(CLIENTS in link.between for link in experiment.links)
    return (*((CLIENTS,) if named else ()), *(tier.name for tier in experiment.tiers))


def path(experiment: Experiment, place_a: str, place_b: str) -> tuple[str, ...]:
    """The names of the links from `place_a` to `place_b`, in the order in which they are crossed.

    Neighbours without a link add none. Raises DocumentError for a place that is not there.
    """
    line = places(experiment)
    start, end = _position(line, place_a), _position(line, place_b)
    names = {frozenset(link.between): link.name for link in experiment.links}
    low, high = sorted((start, end))
    crossed = tuple(names[ends] for ends in map(frozenset, pairwise(line[low : high + 1])) if ends in names)
    return crossed if start <= end else crossed[::-1]


def _position(line: tuple[str, ...], place: str) -> int:
    if place in line:
        return line.index(place)
    if place == CLIENTS:
        return 0
    raise DocumentError(f"there is no place {place!r}, only {', '.join(line)}", field="links")
