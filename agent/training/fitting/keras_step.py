"""One step of a Keras network on TensorFlow, and one answer, each compiled once for batches of any length."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agent.training.networks.keras_library import Library, libraries
from agent.training.networks.keras_network import KerasNetwork
from shared.documents import Optimiser, OptimiserName, Schedule
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


def optimiser(given: Optimiser, steps: int) -> KerasOptimiser:
    """`steps`: of the whole run, for the schedule."""
    _, keras = libraries()
    rate: Any = given.learning_rate
    if given.schedule is Schedule.COSINE:
        rate = keras.optimizers.schedules.CosineDecay(given.learning_rate, decay_steps=steps)
    match given.name:
        case OptimiserName.ADAMW:
            return keras.optimizers.AdamW(rate, weight_decay=given.weight_decay)
        case OptimiserName.ADAM:
            return keras.optimizers.Adam(rate, weight_decay=given.weight_decay or None)
        case OptimiserName.SGD:
            return keras.optimizers.SGD(rate, momentum=given.momentum, weight_decay=given.weight_decay or None)


def compiled(
    network: KerasNetwork,
    optimiser: KerasOptimiser,
    weights: NDArray[np.float32],
    *,
    task: Task,
    inputs: TensorSpec,
) -> Step:
    """The optimiser is built. Raises ModelError for random operations that cannot be repeated; what Keras raises."""
    tensorflow, keras = libraries()
    is_classes = task is Task.CLASSIFICATION
    truth_type = tensorflow.int64 if is_classes else tensorflow.float32
    loss = keras.ops.sparse_categorical_crossentropy if is_classes else _mean_squares(tensorflow)
    records = tensorflow.TensorSpec((None, *inputs.shape), inputs.dtype.value)
    truth = tensorflow.TensorSpec((None,) if is_classes else (None, *network.output.shape), truth_type)
    importance = tensorflow.TensorSpec((None,), tensorflow.float32)
    learn = tensorflow.function(_learning(tensorflow, network, optimiser, weights, loss), autograph=False)
    answer = tensorflow.function(_answering(tensorflow, network), autograph=False)
    learning = learn.get_concrete_function(records, truth, importance)
    answering = answer.get_concrete_function(records)
    for function in (learning, answering):
        _refuse_unrepeatable(function.graph)
    return Step(truth_type, learning, answering, [*learning.graph.variables, *answering.graph.variables])


def _learning(
    tensorflow: Library,
    network: KerasNetwork,
    optimiser: KerasOptimiser,
    weights: NDArray[np.float32],
    loss: Callable[..., Tensor],
) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
    model = network.model
    taken, trained = model.inputs[0].dtype, model.trainable_variables

    def learn(records: Tensor, truth: Tensor, importance: Tensor) -> Tensor:
        with tensorflow.GradientTape() as tape:
            outputs = network.ordered(model(tensorflow.cast(records, taken), training=True))
            by_record = [loss(truth, tensorflow.cast(output, tensorflow.float32)) for output in outputs]
            losses = tensorflow.stack([tensorflow.reduce_mean(one * importance) for one in by_record])
            total = tensorflow.reduce_sum(losses * weights)
            if model.losses:  # what regularisers ask for
                total += tensorflow.add_n(model.losses)
            scaled = optimiser.scale_loss(total)
        optimiser.apply(tape.gradient(scaled, trained), trained)
        return losses

    return learn


def _answering(tensorflow: Library, network: KerasNetwork) -> Callable[[Tensor], list[Tensor]]:
    taken = network.model.inputs[0].dtype

    def answer(records: Tensor) -> list[Tensor]:
        outputs = network.ordered(network.model(tensorflow.cast(records, taken), training=False))
        return [tensorflow.cast(output, tensorflow.float32) for output in outputs]

    return answer


def _mean_squares(tensorflow: Library) -> Callable[[Tensor, Tensor], Tensor]:
    def loss(truth: Tensor, output: Tensor) -> Tensor:
        squares = tensorflow.square(output - truth)
        return tensorflow.reduce_mean(squares, axis=list(range(1, len(squares.shape))))

    return loss


def _refuse_unrepeatable(graph: Compiled) -> None:
    for name in sorted({operation.type for operation in graph.get_operations()} & _UNREPEATABLE):
        raise ModelError(
            f"the network draws random numbers by TensorFlow's {name}, which a run that was interrupted cannot repeat: "
            "draw them by keras.random, with a keras.random.SeedGenerator"
        )
