"""A learner of numpy alone, with two exits and a layer that drops features by lot: the loop needs no more."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.training.fitting.learner import Arrays

CLASSES, FEATURES = 3, 4


class TwoExits:
    """`edge` reads half of the features, `cloud` all. `diverges_at`: from this step on its losses are no numbers."""

    def __init__(self, *, rate: float = 0.1, diverges_at: int | None = None, poisoned_at: int | None = None) -> None:
        drawn = np.random.default_rng(1)
        self._rate, self._diverges_at, self._poisoned_at = rate, diverges_at, poisoned_at
        self._state: Arrays = {
            "edge": drawn.normal(size=(FEATURES // 2, CLASSES)),
            "cloud": drawn.normal(size=(FEATURES, CLASSES)),
            "edge moment": np.zeros((FEATURES // 2, CLASSES)),
            "cloud moment": np.zeros((FEATURES, CLASSES)),
            "draws": np.array(0),
        }

    @property
    def exits(self) -> tuple[str, ...]:
        return "edge", "cloud"

    def learn(
        self, inputs: NDArray[Any], truth: NDArray[Any], importance: NDArray[np.float32]
    ) -> NDArray[np.floating[Any]]:
        kept = np.random.default_rng(int(self._state["draws"])).random(inputs.shape) < 0.8
        self._state["draws"] = self._state["draws"] + 1
        losses = [self._learn(name, inputs * kept, truth, importance) for name in self.exits]
        if self._poisoned_at == self._state["draws"]:
            self._state["edge"] = self._state["edge"] * np.nan
        return np.array(losses) * (np.nan if self._diverges_at == self._state["draws"] else 1)

    def _learn(
        self, name: str, inputs: NDArray[Any], truth: NDArray[Any], importance: NDArray[np.float32]
    ) -> np.float64:
        answers = self._answers(name, inputs)
        wrong = (answers - np.eye(CLASSES)[truth]) * importance[:, None]
        moment = 0.9 * self._state[f"{name} moment"] + self._seen(name, inputs).T @ wrong / len(truth)
        self._state[f"{name} moment"] = moment
        self._state[name] = self._state[name] - self._rate * moment
        lost: np.float64 = -(np.log(answers[np.arange(len(truth)), truth]) * importance).mean()
        return lost

    def answers(self, inputs: NDArray[Any]) -> Arrays:
        return {name: self._answers(name, inputs) for name in self.exits}

    def _answers(self, name: str, inputs: NDArray[Any]) -> NDArray[np.float64]:
        powers = np.exp(self._seen(name, inputs) @ self._state[name])
        answers: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
        return answers

    def _seen(self, name: str, inputs: NDArray[Any]) -> NDArray[Any]:
        return inputs[:, : FEATURES // 2] if name == "edge" else inputs

    def variables(self) -> Arrays:
        return {name: array.copy() for name, array in self._state.items()}

    def restore(self, variables: Mapping[str, NDArray[Any]]) -> None:
        self._state = {name: array.copy() for name, array in variables.items()}

    def weights(self) -> Arrays:
        return {name: self._state[name].copy() for name in self.exits}

    def restore_weights(self, weights: Mapping[str, NDArray[Any]]) -> None:
        self._state |= {name: array.copy() for name, array in weights.items()}


class Rows:
    """As a shelf: three clouds of points that overlap, one class each."""

    def __init__(self, count: int) -> None:
        drawn = np.random.default_rng(2)
        self._labels = np.arange(count) % CLASSES
        self._inputs = drawn.normal(size=(count, FEATURES)) + np.eye(FEATURES)[self._labels]

    def __getitem__(self, rows: NDArray[np.int64], /) -> tuple[NDArray[Any], NDArray[Any]]:
        return self._inputs[rows], self._labels[rows]
