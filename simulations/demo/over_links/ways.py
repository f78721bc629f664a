"""Two ways to answer the same images over the same places and links: at each place, or all at the last. Pure."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from shared.errors import SettingsError
from simulations.demo.example import Example
from simulations.experiment.document import Arrivals, Experiment, Link, Load, Network, Tier
from simulations.experiment.presets import PRESETS
from simulations.experiment.quantities import Duration, Rate

# The example's network in one piece, as the last place runs it.
JOINED = Path(__file__).parents[2] / "paper/networks/fashion_mnist/cloud"
# Of the links above the first one.
UPPER = "wan"
# Connections are made and the first images inferred; sent, and not counted.
WARM_UP_S = 2.0
PATIENCE_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    title: str
    experiment: Experiment


def continuum(example: Example, preset: str, *, records: int, rate: float) -> Way:
    """Each of the example's tiers answers what it is sure of. Raises SettingsError for a preset that is not there."""
    tiers = tuple(Tier(name=tier.tier, exit=tier.exit) for tier in example.deployment.tiers)
    return Way(title="continuum", experiment=_experiment(example, example, tiers, preset, records, rate))


def cloud_only(example: Example, joined: Example, preset: str, *, records: int, rate: float) -> Way:
    """Nobody computes before the last place, which has `joined`. Raises as `continuum` does."""
    return Way(
        title=f"{joined.tiers[-1]} only",
        experiment=_experiment(example, joined, (Tier(name=joined.tiers[-1]),), preset, records, rate),
    )


def _experiment(
    example: Example, network: Example, tiers: tuple[Tier, ...], preset: str, records: int, rate: float
) -> Experiment:
    return Experiment(
        api_version="fogline/v1",
        kind="experiment",
        name=network.manifest.name,
        network=Network(example=str(network.folder), sample=str(example.sample)),
        places=example.tiers,
        tiers=tiers,
        links=tuple(_links(example.tiers, preset)),
        load=Load(
            arrivals=Arrivals.UNIFORM,
            rate=Rate(rate),
            records=records + math.ceil(rate * WARM_UP_S),
            warm_up=Duration(WARM_UP_S),
            patience=Duration(PATIENCE_S),
        ),
    )


def _links(places: tuple[str, ...], preset: str) -> Iterator[Link]:
    if preset not in PRESETS:
        raise SettingsError(f"there are no links {preset!r}, only {', '.join(PRESETS)}")
    for number, between in enumerate(pairwise(places)):
        yield Link(between=between, preset=UPPER if number else preset)
