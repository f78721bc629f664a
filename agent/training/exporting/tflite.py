"""Keras models to `.tflite` files with named tensors: `input` in, `features` and `exit` out.

The first operation turns a record as it comes, in bytes say, into what the model takes. The outputs of full int8 are
float32 again, so that every precision of a sub-model has the same tensors.
"""

import tempfile
import warnings
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.training.networks.keras_library import libraries, model_errors
from shared.documents import Precision, TensorSpec

Model = Any
Converter = Any
Tensor = Any


def converted(model: Model, precision: Precision, *, input: TensorSpec, representative: NDArray[Any]) -> bytes:
    """`representative` `[n, *input.shape]` fixes the ranges of int8. Raises ModelError."""
    tensorflow, _ = libraries()
    with model_errors(f"converting tier {model.name!r} to .tflite"), tempfile.TemporaryDirectory() as folder:
        _save(model, folder, input)
        converter = tensorflow.lite.TFLiteConverter.from_saved_model(folder)
        if precision is not Precision.FLOAT32:
            converter.optimizations = [tensorflow.lite.Optimize.DEFAULT]
        if precision is Precision.FLOAT16:
            converter.target_spec.supported_types = [tensorflow.float16]
        if precision is Precision.INT8:
            converter.target_spec.supported_ops = [tensorflow.lite.OpsSet.TFLITE_BUILTINS_INT8]
            converter.representative_dataset = partial(_one_by_one, representative)
        return _convert(converter)


def _save(model: Model, folder: str, input: TensorSpec) -> None:
    tensorflow, keras = libraries()
    taken = model.inputs[0].dtype

    def answer(input: Tensor) -> Tensor:
        return model(tensorflow.cast(input, taken), training=False)

    archive = keras.export.ExportArchive()
    archive.track(model)
    signature = [tensorflow.TensorSpec((None, *input.shape), input.dtype.value, name="input")]
    archive.add_endpoint("serve", answer, signature)
    archive.write_out(folder, verbose=False)


def _convert(converter: Converter) -> bytes:
    with warnings.catch_warnings():
        # Of the interpreter that the converter calibrates with, which is its own affair.
        warnings.filterwarnings("ignore", message=r"\s*Warning: tf\.lite\.Interpreter is deprecated")
        return bytes(converter.convert())


def _one_by_one(records: NDArray[Any]) -> Iterator[dict[str, NDArray[Any]]]:
    for record in records:
        yield {"input": record[np.newaxis]}
