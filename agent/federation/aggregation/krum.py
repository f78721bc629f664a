"""The changes that have others nearest to them; one of them, or the mean of several.

Blanchard, El Mhamdi, Guerraoui and Stainer, Machine Learning with Adversaries: Byzantine Tolerant Gradient Descent,
NeurIPS 2017 (arXiv 1703.02757), sections 3 and 5.
"""

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from agent.federation.aggregation.keeping import Keeping
from shared.documents.types import Count


class Krum(Keeping, frozen=True, kw_only=True, tag="krum"):
    """`hostile`: how many participants may be; it takes 2 `hostile` + 3 changes to tell them from the others."""

    hostile: Annotated[int, Meta(ge=0)] = 1

    @property
    def least(self) -> int:
        return 2 * self.hostile + 3

    @property
    def chosen(self) -> int:
        return 1

    def combined(self, changes: list[dict[str, NDArray[np.float32]]]) -> Mapping[str, NDArray[Any]]:
        nearest = np.argsort(self._scores(changes), kind="stable")[: self.chosen]
        return {
            name: np.asarray(np.mean([changes[place][name] for place in sorted(nearest)], axis=0, dtype=np.float64))
            for name in changes[0]
        }

    def _scores(self, changes: list[dict[str, NDArray[np.float32]]]) -> NDArray[np.float64]:
        """Of each the squared distances to its nearest `n - hostile - 2` others."""
        neighbours = max(1, len(changes) - self.hostile - 2)
        distances = np.array([[_squared_distance(one, other) for other in changes] for one in changes])
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


def _squared_distance(one: Mapping[str, NDArray[np.float32]], other: Mapping[str, NDArray[np.float32]]) -> float:
    return float(sum(np.square(np.subtract(one[name], other[name], dtype=np.float64)).sum() for name in one))
