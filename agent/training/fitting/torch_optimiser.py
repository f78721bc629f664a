"""An optimiser of PyTorch whose whole state is arrays, its rate a function of the step, its weight decay decoupled."""

from collections.abc import Mapping, Sequence
from math import cos, pi
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.training.networks.torch_library import library
from agent.training.networks.torch_weights import arrays
from shared.documents import Optimiser, OptimiserName, Schedule
from shared.errors import ModelError

Tensor = Any
Arrays = dict[str, NDArray[Any]]
_DONE = "steps done"


def rate(given: Optimiser, step: int, steps: int) -> float:
    """Of the step after `step` others, of `steps` in all."""
    if given.schedule is Schedule.COSINE:
        return given.learning_rate * 0.5 * (1 + cos(pi * min(step, steps) / steps))
    return given.learning_rate


class TorchOptimiser:
    """`parameters`: what it moves, by name; `steps`: of the whole period, for the schedule."""

    def __init__(self, given: Optimiser, parameters: Mapping[str, Tensor], *, steps: int) -> None:
        self._given = given
        self._steps = steps
        self._done = 0
        self._names: Sequence[str] = tuple(parameters)
        self._parameters = tuple(parameters.values())
        self._optimiser = _optimiser(given, self._parameters)

    def clear(self) -> None:
        self._optimiser.zero_grad(set_to_none=True)

    def step(self, scaler: Any) -> None:  # noqa: ANN401 - PyTorch's
        torch, now = library(), rate(self._given, self._done, self._steps)
        for group in self._optimiser.param_groups:
            group["lr"] = now
        if self._given.weight_decay:
            # Before the step, as AdamW does, and for every optimiser alike.
            with torch.no_grad():
                torch._foreach_mul_(self._parameters, 1 - now * self._given.weight_decay)
        scaler.step(self._optimiser)
        scaler.update()
        self._done += 1

    def variables(self) -> Arrays:
        """What was not moved yet has no state."""
        state = self._optimiser.state_dict()["state"]
        found = {_DONE: np.array(self._done)}
        for index, moments in state.items():
            kept = {name: moment for name, moment in moments.items() if isinstance(moment, library().Tensor)}
            found |= {f"{self._names[index]}/{name}": array for name, array in arrays(kept).items()}
        return found

    def restore(self, variables: Mapping[str, NDArray[Any]]) -> None:
        """Raises ModelError for the state of another optimiser."""
        torch = library()
        numbers = {name: index for index, name in enumerate(self._names)}
        state: dict[int, dict[str, Tensor]] = {}
        for name, array in variables.items():
            if name == _DONE:
                continue
            parameter, _, moment = name.rpartition("/")
            if parameter not in numbers:
                raise ModelError(f"this checkpoint is another network's: nothing learns that is called {parameter!r}")
            state.setdefault(numbers[parameter], {})[moment] = torch.from_numpy(np.array(array))
        self._done = int(variables[_DONE])
        groups = self._optimiser.state_dict()["param_groups"]
        self._optimiser.load_state_dict({"state": state, "param_groups": groups})


def _optimiser(given: Optimiser, parameters: Sequence[Tensor]) -> Any:  # noqa: ANN401 - PyTorch's
    optimisers = library().optim
    match given.name:
        case OptimiserName.ADAMW | OptimiserName.ADAM:
            return optimisers.Adam(parameters, given.learning_rate)
        case OptimiserName.SGD:
            return optimisers.SGD(parameters, given.learning_rate, momentum=given.momentum)
