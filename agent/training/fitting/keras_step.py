"""One step of a Keras network on TensorFlow, and one answer, each compiled once for batches of any length."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agent.backends.keras_import import Library
from agent.training.fitting.keras_loss import keras_loss
from agent.training.fitting.keras_part import Part
from agent.training.fitting.keras_pull import pulled
from agent.training.fitting.pull import Pull
from agent.training.networks.keras_library import libraries
from agent.training.networks.keras_network import KerasNetwork
from shared.documents import Arithmetic, Optimiser, OptimiserName, Schedule
from shared.documents.model import Task
from shared.documents.types import TensorSpec
from shared.errors import ModelError

Tensor = Any
Compiled = Any
KerasOptimiser = Any
# TensorFlow keeps what these draw from where nobody can save it.
_UNREPEATABLE = frozenset(
    {
        "Multinomial",
        "ParameterizedTruncatedNormal",
        "RandomGamma",
        "RandomPoisson",
        "RandomPoissonV2",
        "RandomShuffle",
        "RandomStandardNormal",
        "RandomUniform",
        "RandomUniformInt",
        "TruncatedNormal",
    }
)


class Step(NamedTuple):
    """`learn(records, truth, importance)` gives the losses `[exits]`, `answer(records)` a list of them by exit.

    `variables`: all that either of them reads or writes.
    """

    truth_type: Any
    learn: Compiled
    answer: Compiled
    variables: list[Any]


def optimiser(given: Optimiser, steps: int, arithmetic: Arithmetic = Arithmetic.FLOAT32) -> KerasOptimiser:
    """`steps`: of the whole period, for the schedule. Float16 cannot hold small gradients unless they are scaled."""
    _, keras = libraries()
    chosen = _optimiser(keras, given, steps)
    if arithmetic is not Arithmetic.MIXED_FLOAT16:
        return chosen
    return keras.optimizers.LossScaleOptimizer(chosen, name="loss_scale")


def _optimiser(keras: Library, given: Optimiser, steps: int) -> KerasOptimiser:
    rate: Any = given.learning_rate
    if given.schedule is Schedule.COSINE:
        rate = keras.optimizers.schedules.CosineDecay(given.learning_rate, decay_steps=steps)
    # Variables are told apart by its name, and Keras would call that of the second period another.
    named = {"learning_rate": rate, "name": "optimiser"}
    match given.name:
        case OptimiserName.ADAMW:
            return keras.optimizers.AdamW(**named, weight_decay=given.weight_decay)
        case OptimiserName.ADAM:
            return keras.optimizers.Adam(**named, weight_decay=given.weight_decay or None)
        case OptimiserName.SGD:
            return keras.optimizers.SGD(**named, momentum=given.momentum, weight_decay=given.weight_decay or None)


def compiled(
    network: KerasNetwork,
    part: Part,
    optimiser: KerasOptimiser,
    weights: NDArray[np.float32],
    *,
    task: Task,
    inputs: TensorSpec,
    pull: Pull | None = None,
) -> Step:
    """The optimiser is built. `weights`: of the losses of what learns.

    Raises ModelError for random operations that cannot be repeated; what Keras raises.
    """
    tensorflow, _ = libraries()
    is_classes = task is Task.CLASSIFICATION
    truth_type = tensorflow.int64 if is_classes else tensorflow.float32
    records = tensorflow.TensorSpec((None, *inputs.shape), inputs.dtype.value)
    truth = tensorflow.TensorSpec((None,) if is_classes else (None, *network.output.shape), truth_type)
    importance = tensorflow.TensorSpec((None,), tensorflow.float32)
    taken = network.model.inputs[0].dtype
    pulling = pulled(network, part, pull)
    learn = tensorflow.function(_learning(part, taken, optimiser, weights, keras_loss(task), pulling), autograph=False)
    answer = tensorflow.function(_answering(tensorflow, network), autograph=False)
    learning = learn.get_concrete_function(records, truth, importance)
    answering = answer.get_concrete_function(records)
    for function in (learning, answering):
        _refuse_unrepeatable(function.graph)
    return Step(truth_type, learning, answering, [*learning.graph.variables, *answering.graph.variables])


def _learning(
    part: Part,
    taken: str,
    optimiser: KerasOptimiser,
    weights: NDArray[np.float32],
    loss: Callable[[Tensor, Tensor], Tensor],
    pulling: Callable[[], Tensor],
) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
    tensorflow, _ = libraries()

    def learn(records: Tensor, truth: Tensor, importance: Tensor) -> Tensor:
        with tensorflow.GradientTape() as tape:
            outputs = part.outputs(tensorflow.cast(records, taken))
            by_record = [loss(truth, tensorflow.cast(output, tensorflow.float32)) for output in outputs]
            losses = tensorflow.stack([tensorflow.reduce_mean(one * importance) for one in by_record])
            total = tensorflow.reduce_sum(losses * weights) + pulling()
            if part.learning.losses:  # what regularisers ask for
                total += tensorflow.add_n(part.learning.losses)
            scaled = optimiser.scale_loss(total)
        optimiser.apply(tape.gradient(scaled, part.trained), part.trained)
        return losses

    return learn


def _answering(tensorflow: Library, network: KerasNetwork) -> Callable[[Tensor], list[Tensor]]:
    taken = network.model.inputs[0].dtype

    def answer(records: Tensor) -> list[Tensor]:
        outputs = network.ordered(network.model(tensorflow.cast(records, taken), training=False))
        return [tensorflow.cast(output, tensorflow.float32) for output in outputs]

    return answer


def _refuse_unrepeatable(graph: Compiled) -> None:
    for name in sorted({operation.type for operation in graph.get_operations()} & _UNREPEATABLE):
        raise ModelError(
            f"the network draws random numbers by TensorFlow's {name}, which a run that was interrupted cannot repeat: "
            "draw them by keras.random, with a keras.random.SeedGenerator"
        )
