"""What learns: one network with its optimiser, in whatever framework. The loop around it knows no framework."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]


class Learner(Protocol):
    """What learns in one period, all exits or one alone.

    Deterministic: from equal variables the same calls give equal bits, on one kind of processor.

    `variables` therefore hold all that a step depends on but the batch: weights, moments of the optimiser, its count of
    steps, and the state of every random generator that a layer draws from.
    """

    @property
    def exits(self) -> tuple[str, ...]:
        """Of the network, from the sensor up."""
        ...

    def learn(
        self, inputs: NDArray[Any], truth: NDArray[Any], importance: NDArray[np.float32]
    ) -> NDArray[np.floating[Any]]:
        """One step on a batch; its loss from before the step, by exit, `[exits]` or `[1]` of the one that learns alone.

        `truth` as in Examples; `importance`: `[n]`, what each record counts. Raises ModelError.
        """
        ...

    def answers(self, inputs: NDArray[Any]) -> Arrays:
        """By exit, `[n, *exit]`, as the network answers when it is not learning. Raises ModelError."""
        ...

    def variables(self) -> Arrays:
        """Copies of everything that `restore` needs."""
        ...

    def restore(self, variables: Mapping[str, NDArray[Any]]) -> None:
        """Raises ModelError for those of another network or optimiser."""
        ...

    def weights(self) -> Arrays:
        """Copies of what the answers depend on."""
        ...

    def restore_weights(self, weights: Mapping[str, NDArray[Any]]) -> None:
        """Raises ModelError for those of another network."""
        ...
