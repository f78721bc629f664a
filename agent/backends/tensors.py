"""Does the file do what its manifest says? One answer for all backends."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.backends.protocol import LoadedSubModel, Outputs
from shared.documents import SubModel, TensorSpec
from shared.errors import ModelError


def expected(sub_model: SubModel) -> dict[str, TensorSpec]:
    """What the manifest promises: `input`, and `exit` and `features` where the sub-model has them."""
    promised = {"input": sub_model.input, "exit": sub_model.exit, "features": sub_model.features}
    return {name: spec for name, spec in promised.items() if spec is not None}


def output_names(found: Collection[str], sub_model: SubModel) -> dict[str, str]:
    """Which output of the file is `exit` and which is `features`.

    By name; where both the file and the manifest have one output, its name does not matter. Outputs the manifest does
    not name are left unread. Raises ModelError.
    """
    wanted = [name for name in expected(sub_model) if name != "input"]
    if len(wanted) == len(found) == 1:
        return dict(zip(wanted, found, strict=True))
    missing = [name for name in wanted if name not in found]
    if missing:
        raise ModelError(
            f"tier {sub_model.tier!r}: the manifest names the outputs {', '.join(wanted)}; "
            f"the file has {', '.join(sorted(found)) or 'none'}"
        )
    return {name: name for name in wanted}


def compare(found: Mapping[str, TensorSpec], sub_model: SubModel) -> None:
    """Raises ModelError with both, the manifest's tensor and the file's, when they differ."""
    for name, spec in expected(sub_model).items():
        if found[name] != spec:
            both = f"{describe(found[name])} in the file, {describe(spec)} in the manifest"
            raise ModelError(f"tier {sub_model.tier!r}: {name} is {both}")


class Gate:
    """Lets through what a sub-model takes. Called for every batch, so everything it compares is made beforehand."""

    def __init__(self, spec: TensorSpec) -> None:
        self._spec = spec
        self._shape = spec.shape
        self._dtype = np.dtype(spec.dtype.value)

    def check(self, batch: NDArray[Any]) -> None:
        """Raises ModelError."""
        if batch.dtype != self._dtype or batch.shape[1:] != self._shape or not batch.shape[0]:
            found = f"{batch.dtype} {list(batch.shape)}"
            raise ModelError(f"a batch of {found} was given to a sub-model that takes {describe(self._spec)} by record")


def rehearse(loaded: LoadedSubModel) -> None:
    """Infer one record of zeros, then two, and believe what comes out rather than what the file says of itself.

    It also does what a framework leaves to its first call, so that no real record waits for it. Raises ModelError.
    """
    spec = loaded.tensors["input"]
    for count in (1, 2):
        outputs = loaded.infer(np.zeros((count, *spec.shape), spec.dtype.value))
        _check_outputs(outputs, loaded.tensors, count)


def _check_outputs(outputs: Outputs, tensors: Mapping[str, TensorSpec], count: int) -> None:
    for name, array in outputs._asdict().items():
        spec = tensors.get(name)
        if spec is None or array is None:
            continue
        if array.shape != (count, *spec.shape) or array.dtype.name != spec.dtype:
            came = f"{array.dtype} {list(array.shape)}"
            raise ModelError(f"{name} of {count} records came out as {came}, not {describe(spec)} by record")


def describe(spec: TensorSpec) -> str:
    return f"{spec.dtype.value} {list(spec.shape)}"


def in_portions(infer: Callable[[NDArray[Any]], Outputs], batch: NDArray[Any], size: int) -> Outputs:
    """At most `size` records at a time."""
    parts = [infer(batch[place : place + size]) for place in range(0, len(batch), size)]
    columns = [[array for array in column if array is not None] for column in zip(*parts, strict=True)]
    return Outputs(*(np.concatenate(column) if column else None for column in columns))


def one_by_one(infer: Callable[[NDArray[Any]], Outputs], batch: NDArray[Any]) -> Outputs:
    """For a file made for batches of one record."""
    return in_portions(infer, batch, 1)
