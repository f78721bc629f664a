"""What is to become little, by the kind of task, in PyTorch."""

from collections.abc import Callable
from typing import Any

from agent.training.networks.torch_library import library
from shared.documents.model import Task

Tensor = Any
# Softmax in float32 can give a true class nothing at all; its logarithm, and that of what is left of 1, stay finite.
_LEAST = 1e-30


def torch_loss(task: Task) -> Callable[[Tensor, Tensor], Tensor]:
    """Of the truth and the float32 output of one exit, a loss by record, `[n]`.

    Cross-entropy of the class; the mean over the labels of a binary one; the mean square over the values.
    """
    match task:
        case Task.CLASSIFICATION:
            return _cross_entropy
        case Task.MULTI_LABEL:
            return _binary_cross_entropy
        case Task.VALUES:
            return _mean_square


def _cross_entropy(truth: Tensor, output: Tensor) -> Tensor:
    return -output.gather(1, truth[:, None])[:, 0].clamp_min(_LEAST).log()


def _binary_cross_entropy(truth: Tensor, output: Tensor) -> Tensor:
    loss = library().nn.functional.binary_cross_entropy
    return loss(output, truth.view_as(output), reduction="none").flatten(1).mean(dim=1)


def _mean_square(truth: Tensor, output: Tensor) -> Tensor:
    return (output - truth.view_as(output)).square().flatten(1).mean(dim=1)
