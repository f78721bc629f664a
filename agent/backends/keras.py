"""Keras on TensorFlow: `.keras` files, checked first, then loaded in safe mode and compiled as one function.

`Model.predict` is never called: it costs fifty times the network it runs.
"""

import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.backends import keras_file, keras_import, tensors
from agent.backends.frameworks import one_line
from agent.backends.keras_import import Library
from agent.backends.protocol import Outputs
from shared.documents import ArtifactFormat, DType, SubModel, TensorSpec
from shared.errors import ModelError, UnavailableError

# Keras has no types.
Model = Any
Tensor = Any
Values = dict[str, Tensor]
_WIDENED = frozenset({DType.UINT8, DType.INT8, DType.INT16, DType.BOOL})
_ERRORS = (ValueError, TypeError, LookupError, AttributeError, RuntimeError, OSError, AssertionError)


class KerasBackend:
    name = "keras"
    formats = frozenset({ArtifactFormat.KERAS})

    def version(self) -> str:
        return keras_import.version()

    def load(self, path: Path, sub_model: SubModel, *, threads: int) -> "KerasSubModel":
        """`threads` are TensorFlow's, which are the whole process's: the first Keras sub-model decides."""
        self.version()
        content = keras_file.checked(path)
        tensorflow, keras = _import(threads)
        try:
            model = _load(keras, content)
            loaded = KerasSubModel(tensorflow, model, sub_model)
        except (*_ERRORS, tensorflow.errors.OpError) as error:
            raise ModelError(f"{path} cannot be loaded by Keras: {one_line(error)}") from error
        tensors.rehearse(loaded)
        return loaded


class KerasSubModel:
    def __init__(self, tensorflow: Library, model: Model, sub_model: SubModel) -> None:
        outputs = _outputs(model)
        names = tensors.output_names(outputs, sub_model)
        found = {role: _spec(outputs[name], role) for role, name in names.items()}
        self.tensors: Mapping[str, TensorSpec] = {"input": _input_spec(model, sub_model.input), **found}
        tensors.compare(self.tensors, sub_model)
        self._tensorflow = tensorflow
        self._gate = tensors.Gate(sub_model.input)
        self._is_fixed = model.inputs[0].shape[0] == 1
        self._function: Callable[[Tensor], Values] | None = _compile(tensorflow, model, sub_model.input, names)

    def infer(self, batch: NDArray[Any]) -> Outputs:
        self._gate.check(batch)
        if self._is_fixed and len(batch) > 1:
            return tensors.one_by_one(self._run, batch)
        return self._run(batch)

    def close(self) -> None:
        self._function = None

    def _run(self, batch: NDArray[Any]) -> Outputs:
        if self._function is None:
            raise ModelError("inference on a sub-model that was closed")
        try:
            values = self._function(self._tensorflow.constant(batch))
        except (*_ERRORS, self._tensorflow.errors.OpError) as error:
            raise ModelError(f"inference failed: {one_line(error)}") from error
        return Outputs(exit=_array(values.get("exit")), features=_array(values.get("features")))


def _import(threads: int) -> tuple[Library, Library]:
    tensorflow, keras = keras_import.imported()
    if keras.backend.backend() != "tensorflow":
        raise UnavailableError("Keras was imported with another backend than TensorFlow before: unset KERAS_BACKEND")
    with suppress(RuntimeError):  # too late: an earlier sub-model has started TensorFlow
        tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
        tensorflow.config.threading.set_inter_op_parallelism_threads(1)
    return tensorflow, keras


def _load(keras: Library, content: bytes) -> Model:
    with tempfile.TemporaryDirectory(prefix="fogline-") as folder:
        path = Path(folder) / "model.keras"  # Keras goes by the suffix, artifacts are named by their digest
        path.write_bytes(content)
        return keras.saving.load_model(path, compile=False, safe_mode=True)


def _outputs(model: Model) -> Values:
    """By the keys of the dict a model returns, else by the names of the layers that make them."""
    if isinstance(model.output, dict):
        return dict(model.output)
    return dict(zip(model.output_names, model.outputs, strict=True))


def _compile(
    tensorflow: Library, model: Model, spec: TensorSpec, names: Mapping[str, str]
) -> Callable[[Tensor], Values]:
    inner = model.inputs[0].dtype

    def answer(batch: Tensor) -> Values:
        results = model(tensorflow.cast(batch, inner), training=False)
        if not isinstance(results, dict):
            results = dict(zip(model.output_names, tensorflow.nest.flatten(results), strict=True))
        return {role: results[name] for role, name in names.items()}

    signature = [tensorflow.TensorSpec((model.inputs[0].shape[0], *spec.shape), spec.dtype.value)]
    function = tensorflow.function(answer, input_signature=signature, autograph=False)
    compiled: Callable[[Tensor], Values] = function.get_concrete_function()
    return compiled


def _input_spec(model: Model, wanted: TensorSpec) -> TensorSpec:
    """Small integers feed a model of floats, as Keras itself would take them: every one of them is a float32."""
    if len(model.inputs) != 1:
        raise ModelError(f"the model has {len(model.inputs)} inputs; a sub-model takes one")
    found = _spec(model.inputs[0], "input")
    if found.dtype is DType.FLOAT32 and wanted.dtype in _WIDENED:
        return TensorSpec(dtype=wanted.dtype, shape=found.shape)
    return found


def _spec(tensor: Tensor, role: str) -> TensorSpec:
    batch, *lengths = tensor.shape
    if batch not in (None, 1) or None in lengths or str(tensor.dtype) not in list(DType):
        shape = f"{tensor.dtype} {list(tensor.shape)}"
        raise ModelError(f"{role} is {shape} in the model; only the batch may be of any length, or it must be 1")
    return TensorSpec(dtype=DType(str(tensor.dtype)), shape=tuple(lengths))


def _array(tensor: Tensor) -> NDArray[Any] | None:
    """A copy: TensorFlow shares memory with numpy where it can."""
    return None if tensor is None else np.array(tensor)
