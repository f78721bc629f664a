"""The changes that have others nearest to them; one of them, or the mean of several.

Blanchard, El Mhamdi, Guerraoui and Stainer, Machine Learning with Adversaries: Byzantine Tolerant Gradient Descent,
NeurIPS 2017 (arXiv 1703.02757), sections 3 and 5. Shortening to the median length before is FLAME's: Nguyen and others,
FLAME: Taming Backdoors in Federated Learning, USENIX Security 2022 (arXiv 2101.02281), section 4.3.2.
"""

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from agent.federation.aggregation.keeping import Keeping
from agent.federation.aggregation.neighbours import mean, squared_distances
from agent.federation.weights import norm
from shared.documents.types import Count


class Krum(Keeping, frozen=True, kw_only=True, tag="krum"):
    """`hostile`: how many participants may be; it takes 2 `hostile` + 3 changes to tell them from the others.

    `shortened`: changes longer than the median are cut down to its length first. Directions then decide who is near to
    whom; otherwise an honest one that learnt more than others is further from all of them than a short backward one.
    """

    hostile: Annotated[int, Meta(ge=0)] = 1
    shortened: bool = False

    @property
    def least(self) -> int:
        return 2 * self.hostile + 3

    @property
    def chosen(self) -> int:
        return 1

    def combined(self, changes: list[dict[str, NDArray[np.float32]]]) -> Mapping[str, NDArray[Any]]:
        changes = _shortened(changes) if self.shortened else changes
        nearest = np.argsort(self._scores(changes), kind="stable")[: self.chosen]
        return mean([changes[place] for place in sorted(nearest)])

    def _scores(self, changes: list[dict[str, NDArray[np.float32]]]) -> NDArray[np.float64]:
        """Of each the squared distances to its nearest `n - hostile - 2` others."""
        neighbours = max(1, len(changes) - self.hostile - 2)
        distances = squared_distances(changes)
        np.fill_diagonal(distances, np.inf)
        scores: NDArray[np.float64] = np.sort(distances, axis=1)[:, :neighbours].sum(axis=1)
        return scores


class MultiKrum(Krum, frozen=True, kw_only=True, tag="multi-krum"):
    """`averaged`: of so many the mean is taken, at most all but the hostile ones."""

    averaged: Count = 3

    @property
    def least(self) -> int:
        return max(super().least, self.averaged + self.hostile)

    @property
    def chosen(self) -> int:
        return self.averaged


def _shortened(changes: list[dict[str, NDArray[np.float32]]]) -> list[dict[str, NDArray[np.float32]]]:
    lengths = [norm(one) for one in changes]
    median = float(np.median(lengths))
    return [
        {name: tensor * np.float32(median / length) for name, tensor in one.items()} if length > median else one
        for one, length in zip(changes, lengths, strict=True)
    ]
