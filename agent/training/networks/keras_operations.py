"""How many multiplications, each with its addition, a layer of Keras costs a record. Pure, but for asking the layer."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Operation = Any
Shape = Sequence[int]
_Counted = Callable[[Operation, Shape, Shape], int]


def multiplications(operation: Operation, given: Sequence[Shape], output: Shape) -> int | None:
    """Shapes without the batch. None: a kind of layer that is not known here; 0: one that only adds or chooses."""
    kind = type(operation).__name__
    if kind in _NONE:
        return 0
    counted = _COUNTED.get(kind)
    return None if counted is None or len(given) != 1 else counted(operation, given[0], output)


def _positions(operation: Operation, shape: Shape) -> int:
    """Of an image: everything but its channels."""
    return math.prod(shape[1:] if getattr(operation, "data_format", None) == "channels_first" else shape[:-1])


def _size(kernel: Operation) -> int:
    shape: Shape = kernel.shape
    return math.prod(shape)


def _dense(layer: Operation, _given: Shape, output: Shape) -> int:
    return math.prod(output[:-1]) * _size(layer.kernel)


def _convolved(layer: Operation, _given: Shape, output: Shape) -> int:
    return _positions(layer, output) * _size(layer.kernel)


def _transposed(layer: Operation, given: Shape, _output: Shape) -> int:
    return _positions(layer, given) * _size(layer.kernel)


def _separable(layer: Operation, _given: Shape, output: Shape) -> int:
    kernels = _size(layer.depthwise_kernel) + _size(layer.pointwise_kernel)
    return _positions(layer, output) * kernels


def _each_element(_layer: Operation, _given: Shape, output: Shape) -> int:
    return math.prod(output)


_COUNTED: Mapping[str, _Counted] = {
    "Dense": _dense,
    **{f"Conv{rank}D": _convolved for rank in (1, 2, 3)},
    **{f"Conv{rank}DTranspose": _transposed for rank in (1, 2, 3)},
    **{f"DepthwiseConv{rank}D": _convolved for rank in (1, 2)},
    **{f"SeparableConv{rank}D": _separable for rank in (1, 2)},
    "BatchNormalization": _each_element,
    "Normalization": _each_element,
    "Rescaling": _each_element,
}
_NONE = frozenset(
    {
        "InputLayer", "Activation", "ReLU", "LeakyReLU", "ELU", "Softmax", "Identity", "Add", "Subtract", "Maximum",
        "Minimum", "Average", "Concatenate", "Flatten", "Reshape", "Permute", "RepeatVector", "Masking", "Embedding",
        "Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "GaussianNoise", "GaussianDropout",
        "AlphaDropout", "ActivityRegularization",
        *(f"{kind}{rank}D" for rank in (1, 2, 3) for kind in (
            "MaxPooling", "AveragePooling", "GlobalMaxPooling", "GlobalAveragePooling",
            "ZeroPadding", "Cropping", "UpSampling",
        )),
    }
)  # fmt: skip
