"""What is to become little, by the kind of task."""

from collections.abc import Callable
from typing import Any

from agent.training.networks.keras_library import libraries
from shared.documents.model import Task

Tensor = Any


def keras_loss(task: Task) -> Callable[[Tensor, Tensor], Tensor]:
    """Of the truth and the float32 output of one exit, a loss by record, `[n]`.

    Cross-entropy of the class; the mean over the labels of a binary one; the mean square over the values.
    """
    _, keras = libraries()
    match task:
        case Task.CLASSIFICATION:
            return keras.ops.sparse_categorical_crossentropy  # type: ignore[no-any-return]  # Keras has no types
        case Task.MULTI_LABEL:
            return lambda truth, output: keras.ops.mean(keras.ops.binary_crossentropy(truth, output), axis=-1)
        case Task.VALUES:
            return lambda truth, output: _by_record(keras.ops.square(output - truth))


def _by_record(values: Tensor) -> Tensor:
    _, keras = libraries()
    return keras.ops.mean(values, axis=list(range(1, len(values.shape))))
