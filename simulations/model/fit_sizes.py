"""How many bytes records and answers take on the links, from what the links carried. Pure."""

import numpy as np

from simulations.experiment.document import CLIENTS, Experiment
from simulations.experiment.places import path
from simulations.measurement.run_folder import Tables
from simulations.model.answers import RESPONSE_BYTES
from simulations.model.clients import REQUEST_BYTES

_LEAST_BYTES = 64


def record_bytes(experiment: Experiment, index: int, tables: Tables, known: int) -> int:
    """Of one record on its way to a tier; as known where no link was looked at."""
    below = experiment.tiers[index - 1].name if index else CLIENTS
    crossed = path(experiment, below, experiment.tiers[index].name)
    name = experiment.tiers[index].name
    return _each(tables, crossed, "up", int(np.sum(tables.hops["tier"] == name)), REQUEST_BYTES, known)


def answer_bytes(experiment: Experiment, index: int, tables: Tables, known: int) -> int:
    """Of one answer, on the link next to its tier, which those of the tiers above cross too."""
    tiers = [tier.name for tier in experiment.tiers]
    crossed = path(experiment, tiers[index], tiers[index - 1] if index else CLIENTS)[:1]
    passing = int(np.sum(np.isin(tables.records["tier"].astype(str), tiers[index:])))
    return _each(tables, crossed, "down", passing, RESPONSE_BYTES, known)


def _each(tables: Tables, crossed: tuple[str, ...], direction: str, count: int, beside: int, known: int) -> int:
    links = tables.links
    mine = np.isin(links["link"].astype(str), crossed[:1]) & (links["direction"] == direction)
    if not count or not mine.any():
        return known
    return max(_LEAST_BYTES, round(float(links["bytes"][mine].sum()) / count) - beside)
