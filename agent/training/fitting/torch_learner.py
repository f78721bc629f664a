"""PyTorch learns: the module as the user wrote it, all exits together or one alone.

The loop around it is Fogline's own, as for every framework. Ignite's Engine is such a loop too: run for one batch at a
time it would add nothing to the call it wraps, and run for more it would keep the place, the checkpoints and the order
of records that must be the same after a kill. Its schedulers and metrics hang on that Engine.

Random layers can be repeated: the state of every generator stands among `variables`.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.training.fitting import torch_generators
from agent.training.fitting.learner import Arrays
from agent.training.fitting.period import Period
from agent.training.fitting.pull import Pull
from agent.training.fitting.torch_arithmetic import Computing, computing
from agent.training.fitting.torch_loss import torch_loss
from agent.training.fitting.torch_optimiser import TorchOptimiser
from agent.training.fitting.torch_part import part
from agent.training.fitting.torch_pull import pulled
from agent.training.networks.torch_library import library, model_errors
from agent.training.networks.torch_network import TorchNetwork
from agent.training.networks.torch_weights import arrays, take_over
from shared.documents import TrainingParameters
from shared.documents.model import Task
from shared.errors import ModelError

Tensor = Any
_MODULE, _OPTIMISER, _GENERATORS, _SCALE = "module", "optimiser", "generators", "scale"


class TorchLearner:
    """On a GPU where there is one. Records are cast to the type the network takes, not scaled.

    `steps`: of all epochs of the period, for the schedule. Raises ModelError, UnavailableError.
    """

    def __init__(
        self,
        network: TorchNetwork,
        parameters: TrainingParameters,
        period: Period,
        *,
        task: Task,
        steps: int,
        pull: Pull | None = None,
    ) -> None:
        torch = library()
        self._network = network
        self._module = network.module
        self._loss = torch_loss(task)
        self._truth_type = torch.int64 if task is Task.CLASSIFICATION else torch.float32
        self._part = part(network, period.alone)
        if not self._part.learning:
            where = "the network" if period.alone is None else f"what lies up to exit {period.alone!r} alone"
            raise ModelError(f"no layer of {where} can be trained: leave `requires_grad` where it is to learn")
        self._computing: Computing = computing(parameters.arithmetic)
        with model_errors("preparing the network for training"):
            self._module.to(self._computing.device)
            self._importance = torch.from_numpy(np.array(period.importance)).to(self._computing.device)
            learning = {name: self._module.get_parameter(name) for name in self._part.learning}
            self._optimiser = TorchOptimiser(parameters.optimiser, learning, steps=steps)
            self._pulled = pulled(learning, pull, self._computing.device)
        self._learnt = period.exits
        for name in network.trainable:
            self._module.get_parameter(name).requires_grad_(name in learning)
        self._is_learning = False

    @property
    def exits(self) -> tuple[str, ...]:
        return self._network.exits

    def learn(self, inputs: NDArray[Any], truth: NDArray[Any], importance: NDArray[np.float32]) -> NDArray[np.float32]:
        with model_errors("a step of training"):
            self._wake()
            self._optimiser.clear()
            losses = self._losses(inputs, self._put(truth).to(self._truth_type), self._put(importance))
            total = (losses * self._importance).sum() + self._pulled()
            self._computing.scaler.scale(total).backward()
            self._optimiser.step(self._computing.scaler)
            return np.array(losses.detach().cpu().numpy())

    def answers(self, inputs: NDArray[Any]) -> Arrays:
        with model_errors("an answer of the network"), library().no_grad():
            self._module.eval()
            self._is_learning = False
            results = self._module(self._records(inputs))
            return arrays({name: results[name].float() for name in self.exits})

    def variables(self) -> Arrays:
        return {
            **_under(_MODULE, arrays(self._network.variables())),
            **_under(_OPTIMISER, self._optimiser.variables()),
            **_under(_GENERATORS, torch_generators.states()),
            _SCALE: self._computing.scale(),
        }

    def restore(self, variables: Mapping[str, NDArray[Any]]) -> None:
        take_over(
            self._network.variables(), _within(_MODULE, variables), otherwise="this checkpoint is another network's"
        )
        with model_errors("taking over a checkpoint"):
            self._optimiser.restore(_within(_OPTIMISER, variables))
            self._computing.restore_scale(variables[_SCALE])
            torch_generators.restore(_within(_GENERATORS, variables))

    def weights(self) -> Arrays:
        return self._network.weights()

    def restore_weights(self, weights: Mapping[str, NDArray[Any]]) -> None:
        self._network.restore_weights(weights)

    def _losses(self, inputs: NDArray[Any], truth: Tensor, importance: Tensor) -> Tensor:
        with self._computing.context():
            results = self._module(self._records(inputs))
        by_record = [self._loss(truth, results[name].float()) for name in self._learnt]
        return library().stack([(one * importance).mean() for one in by_record])

    def _records(self, inputs: NDArray[Any]) -> Tensor:
        return self._put(inputs).to(self._network.example.dtype)

    def _put(self, array: NDArray[Any]) -> Tensor:
        """On the device; a copy, for what lies on the shelf must not be written to."""
        return library().from_numpy(np.array(array)).to(self._computing.device)

    def _wake(self) -> None:
        """What learns is in training mode; going over all modules at each step would cost more than a small step."""
        if self._is_learning:
            return
        self._module.train()
        if self._part.modules is not None:
            for path, module in self._module.named_modules():
                module.training = path in self._part.modules
        self._is_learning = True


def _under(name: str, found: Mapping[str, NDArray[Any]]) -> Arrays:
    return {f"{name}/{key}": array for key, array in found.items()}


def _within(name: str, found: Mapping[str, NDArray[Any]]) -> Arrays:
    return {key.removeprefix(f"{name}/"): array for key, array in found.items() if key.startswith(f"{name}/")}
