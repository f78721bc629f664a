"""Numbers written as text or as Python objects, to a tensor: nothing is taken for a number that is none."""

from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from shared.documents.types import TensorSpec
from shared.errors import RecordError


def number_type(spec: TensorSpec) -> Any:  # noqa: ANN401 - a type made at run time has no static one
    """What one element must be. Text, null, and a boolean for a number or a number for a boolean, are refused."""
    dtype = np.dtype(spec.dtype.value)
    if dtype.kind in "bf":
        return bool if dtype.kind == "b" else float
    # The bounds stand here because numpy 1 wraps an integer around that does not fit.
    return Annotated[int, Meta(ge=int(np.iinfo(dtype).min), le=int(np.iinfo(dtype).max))]


def flat_type(spec: TensorSpec) -> Any:  # noqa: ANN401 - as above
    """One list of numbers, whatever the shape."""
    number: Any = number_type(spec)
    return list[number]


def nested_type(spec: TensorSpec) -> Any:  # noqa: ANN401 - as above
    """Lists nested as deeply as the shape of `spec`; the number itself for a scalar."""
    nested: Any = number_type(spec)
    for _ in spec.shape:
        nested = list[nested]
    return nested


def to_tensor(numbers: object, spec: TensorSpec) -> NDArray[Any]:
    """A tensor from numbers of `number_type`, flat or nested. Raises RecordError for a wrong count, shape or range."""
    dtype = np.dtype(spec.dtype.value)
    try:
        with np.errstate(over="ignore"):
            tensor = np.array(numbers, dtype)
    except ValueError as error:
        raise RecordError(f"the lists are not of the shape {list(spec.shape)}") from error
    if tensor.shape == spec.shape:
        return tensor
    if tensor.shape != (spec.elements,):
        raise RecordError(f"the shape is {list(tensor.shape)}, expected is {list(spec.shape)}")
    return tensor.reshape(spec.shape)


def convert(numbers: object, spec: TensorSpec) -> NDArray[Any]:
    """A tensor from Python objects of any kind, flat or nested as in `spec`. Raises RecordError when they are none."""
    for wanted in (nested_type(spec), flat_type(spec)):
        try:
            return to_tensor(msgspec.convert(numbers, wanted), spec)
        except msgspec.ValidationError as error:
            reason = error
    raise RecordError(f"the numbers are not of the shape {list(spec.shape)}: {reason}") from reason
