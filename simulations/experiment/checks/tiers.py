"""Tiers, their exits, and the promise of delivery between them."""

from collections.abc import Iterator
from itertools import combinations

from shared.documents.deployment import Delivery
from simulations.experiment.document import CLIENTS, Experiment, Tier
from simulations.experiment.problem import Problem

# The sum of percentages that people write is off by a rounding error at most.
_ROUNDING = 1e-9


def problems(experiment: Experiment) -> Iterator[Problem]:
    yield from _names(experiment)
    for tier in experiment.tiers:
        yield from _replicas(tier)
    yield from _delivery(experiment)
    yield from _planted(experiment)


def _names(experiment: Experiment) -> Iterator[Problem]:
    for one, other in combinations(experiment.tiers, 2):
        if one.name == other.name:
            yield Problem(field=f"tiers.{one.name}", text="is there twice", remedy="give each tier its own name")
    if any(tier.name == CLIENTS for tier in experiment.tiers):
        yield Problem(
            field=f"tiers.{CLIENTS}", text="is the name of the clients' own place", remedy="name the tier otherwise"
        )


def _replicas(tier: Tier) -> Iterator[Problem]:
    if tier.replicas > tier.partitions:
        yield Problem(
            field=f"tiers.{tier.name}.replicas",
            text=f"{tier.replicas} replicas share {tier.partitions} partitions: the others are given no records",
            remedy=f"set partitions = {tier.replicas}, unless this is what you want to show",
            is_warning=True,
        )


def _delivery(experiment: Experiment) -> Iterator[Problem]:
    if experiment.delivery is Delivery.EXACTLY_ONCE and len(experiment.tiers) > 1:
        yield Problem(
            field="delivery",
            text="exactly_once spans no two clusters, and here each tier has its own",
            remedy="keep one tier, or take at_least_once",
        )


def _planted(experiment: Experiment) -> Iterator[Problem]:
    if experiment.network.planted is None:
        return
    field, shares = "network.planted.shares", experiment.network.planted.shares
    *lower, last = experiment.tiers
    if len(shares) != len(lower):
        yield Problem(
            field=field,
            text=f"has {len(shares)} shares for {len(lower)} tiers below the last",
            remedy=f"one share for each tier but {last.name}, which answers what is left",
        )
        return
    if sum(shares) > 1 + _ROUNDING:
        yield Problem(
            field=field, text="is more than 100 % in all", remedy="shares are of all records, not of the rest"
        )
    elif lower and sum(shares) > 1 - _ROUNDING:
        yield Problem(
            field=field,
            text=f"leaves nothing for {last.name}",
            remedy="let less than 100 % leave below",
            is_warning=True,
        )
    for tier, share in zip(lower, shares, strict=True):
        if share > 0 and tier.exit is None:
            yield Problem(
                field=f"tiers.{tier.name}.exit",
                text=f"is missing, and so none of the planted {share:.3g} of all records can leave here",
                remedy="exit = { threshold = 0.8 }",
            )
