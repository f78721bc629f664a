"""Keras on TensorFlow learns: one compiled step, all exits together or one alone.

Random layers can be repeated: what a layer of Keras draws depends on the state of its seed generator, a variable that
each draw moves on. Those variables are among `variables`, with every other one that the step touches. Operations of
TensorFlow that keep their state where nobody can save it (`tf.random.uniform` and its kind) are refused.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.training.fitting import keras_step
from agent.training.fitting.keras_arithmetic import compute_in
from agent.training.fitting.keras_part import part
from agent.training.fitting.learner import Arrays
from agent.training.fitting.period import Period
from agent.training.fitting.pull import Pull
from agent.training.networks.keras_library import libraries, model_errors
from agent.training.networks.keras_network import KerasNetwork
from shared.documents import TrainingParameters
from shared.documents.model import Task
from shared.documents.types import TensorSpec
from shared.errors import ModelError


class KerasLearner:
    """`inputs`: a record as it lies on the shelf; it is cast to the type the network takes, not scaled.

    `steps`: of all epochs of the period, for the schedule. Raises ModelError, UnavailableError.
    """

    def __init__(
        self,
        network: KerasNetwork,
        parameters: TrainingParameters,
        period: Period,
        *,
        task: Task,
        inputs: TensorSpec,
        steps: int,
        pull: Pull | None = None,
    ) -> None:
        self._constant = libraries()[0].constant
        self._network = network
        with model_errors("preparing the network for training"):
            compute_in(network, parameters.arithmetic)
            learning = part(network, period.alone)
            if not learning.trained:
                where = "the network" if period.alone is None else f"what lies up to exit {period.alone!r} alone"
                raise ModelError(f"no layer of {where} can be trained: set `trainable` where it is to learn")
            self._optimiser = keras_step.optimiser(parameters.optimiser, steps, parameters.arithmetic)
            self._optimiser.build(learning.trained)
            self._step = keras_step.compiled(
                network, learning, self._optimiser, period.importance, task=task, inputs=inputs, pull=pull
            )
        self._variables = dict(self._named_variables())

    @property
    def exits(self) -> tuple[str, ...]:
        return self._network.exits

    def learn(self, inputs: NDArray[Any], truth: NDArray[Any], importance: NDArray[np.float32]) -> NDArray[np.float32]:
        with model_errors("a step of training"):
            given = self._constant(inputs), self._constant(truth, self._step.truth_type), self._constant(importance)
            return np.array(self._step.learn(*given))

    def answers(self, inputs: NDArray[Any]) -> Arrays:
        with model_errors("an answer of the network"):
            answers = self._step.answer(self._constant(inputs))
        return {name: np.array(answer) for name, answer in zip(self.exits, answers, strict=True)}

    def variables(self) -> Arrays:
        return {name: np.array(variable.numpy()) for name, variable in self._variables.items()}

    def restore(self, variables: Mapping[str, NDArray[Any]]) -> None:
        if other := sorted(set(self._variables) ^ set(variables)):
            raise ModelError(f"this checkpoint is another network's: {other[0]!r} is only in one of them")
        with model_errors("taking over a checkpoint"):
            for name, variable in self._variables.items():
                variable.assign(variables[name])

    def weights(self) -> Arrays:
        return self._network.weights()

    def restore_weights(self, weights: Mapping[str, NDArray[Any]]) -> None:
        self._network.restore_weights(weights)

    def _named_variables(self) -> Iterator[tuple[str, Any]]:
        """The network's with its seed generators', the optimiser's, and whatever else the compiled step touches."""
        known = [*self._network.model.variables, *self._optimiser.variables]
        seen = {id(variable.value) for variable in known}
        for index, variable in enumerate(known):
            yield f"{index:04}/{variable.path}", variable
        for index, variable in enumerate(self._step.variables, len(known)):
            if id(variable) not in seen:
                seen.add(id(variable))
                yield f"{index:04}/{variable.name}", variable
