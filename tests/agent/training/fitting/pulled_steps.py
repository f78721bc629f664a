"""`python -m tests.agent.training.fitting.pulled_steps keras FILE`: what steps with and without a pull make of weights.

A program, because one process does not bear both frameworks.
"""

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.training.fitting.learner import Arrays, Learner
from agent.training.fitting.learners import learner
from agent.training.fitting.period import periods
from agent.training.fitting.pull import Pull
from agent.training.networks import keras_library, torch_library, torch_network
from agent.training.networks.keras_network import KerasNetwork
from agent.training.networks.torch_network import TorchNetwork
from shared.documents import DType, Optimiser, OptimiserName, Task, TensorSpec, TrainingParameters
from shared.errors import ModelError

Network = KerasNetwork | TorchNetwork
RATE, PROXIMAL, ALONG, AWAY = 0.05, 0.5, np.float32(0.2), np.float32(0.3)
BATCH, FEATURES, CLASSES = 16, 6, 3
PARAMETERS = TrainingParameters(optimiser=Optimiser(name=OptimiserName.SGD, learning_rate=RATE, momentum=0.0))
INPUTS = TensorSpec(dtype=DType.FLOAT32, shape=(FEATURES,))


def keras_one() -> Network:
    _, keras = keras_library.libraries()
    keras.utils.set_random_seed(3)
    given = keras.Input((FEATURES,))
    x = keras.layers.BatchNormalization()(keras.layers.Dense(5, activation="tanh")(given))
    return KerasNetwork(keras.Model(given, keras.layers.Dense(CLASSES, activation="softmax", name="exit")(x)))


def torch_one() -> Network:
    torch_network.prepare(3, 1)
    torch = torch_library.library()

    class Net(torch.nn.Module):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.body = torch.nn.Sequential(torch.nn.Linear(FEATURES, 5), torch.nn.BatchNorm1d(5), torch.nn.Tanh())
            self.head = torch.nn.Linear(5, CLASSES)

        def forward(self, x: Any) -> dict[str, Any]:  # noqa: ANN401
            return {"exit": torch.nn.functional.softmax(self.head(self.body(x)), dim=1)}

    return torch_network.adapted((Net(), torch.zeros(2, FEATURES)))


def is_learnt(name: str) -> bool:
    """And is no statistic of batches."""
    return not any(part in name for part in ("running_", "moving_", "tracked"))


def learning(network: Network, pull: Pull | None) -> Learner:
    (period,) = periods(PARAMETERS, network.exits)
    return learner(network, PARAMETERS, period, task=Task.CLASSIFICATION, inputs=INPUTS, steps=10, pull=pull)


def after(network: Network, start: Arrays, pull: Pull | None, *, steps: int = 1) -> Arrays:
    one, random = learning(network, pull), np.random.default_rng(5)
    one.restore_weights(start)
    for _ in range(steps):
        records = random.normal(size=(BATCH, FEATURES)).astype(np.float32)
        one.learn(records, random.integers(0, CLASSES, BATCH), np.ones(BATCH, np.float32))
    return one.weights()


def refused(network: Network, start: Arrays) -> str:
    try:
        learning(network, Pull(start={name: one[..., None] for name, one in start.items()}, proximal=0.1))
    except ModelError as error:
        return str(error)
    return ""


def main(framework: str, file: str) -> None:
    network = keras_one() if framework == "keras" else torch_one()
    start = network.weights()
    anchor = {name: one + AWAY if is_learnt(name) else one for name, one in start.items()}
    along = {name: np.full_like(one, ALONG) for name, one in start.items() if is_learnt(name)}
    runs: dict[str, Arrays] = {
        "start": start,
        "plain": after(network, start, None),
        "pulled": after(network, start, Pull(start=anchor, proximal=PROXIMAL, along=along)),
        "nothing": after(network, start, Pull(start=start)),
        "free": after(network, start, None, steps=20),
        "held": after(network, start, Pull(start=start, proximal=0.5 / RATE), steps=20),
    }
    arrays: dict[str, NDArray[Any]] = {
        f"{run}:{name}": one for run, those in runs.items() for name, one in those.items()
    }
    np.savez(file, refused=np.array(refused(network, start)), **arrays)  # type: ignore[arg-type]  # names of arrays


if __name__ == "__main__":
    main(*sys.argv[1:])
