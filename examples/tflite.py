"""Keras sub-models to `.tflite` files with named tensors: `input` in, `features` and `exit` out."""

import tempfile
from collections.abc import Iterator
from functools import partial

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from shared.documents.types import DType, TensorSpec

Tensor = npt.NDArray[np.generic]


def float32(part: keras.Model, *, spec: TensorSpec) -> bytes:
    """The sub-model as trained. It takes `spec` as records carry it: its first operation widens bytes to float32."""
    with tempfile.TemporaryDirectory() as folder:
        save(part, folder, spec=spec)
        return bytes(tf.lite.TFLiteConverter.from_saved_model(folder).convert())


def int8(part: keras.Model, *, spec: TensorSpec, representative: Tensor) -> bytes:
    """The sub-model in 8-bit integers inside, its ranges taken from `representative` (n, *spec.shape).

    Outputs are float32 again, so that both precisions of a sub-model describe the same tensors. A `uint8` input
    that spans 0 to 255 is its own quantisation: scale 1, zero point 0, and no byte of it is touched.
    """
    with tempfile.TemporaryDirectory() as folder:
        save(part, folder, spec=TensorSpec(dtype=DType.FLOAT32, shape=spec.shape))
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = partial(one_by_one, representative)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = tf.uint8 if spec.dtype is DType.UINT8 else tf.float32
        return bytes(converter.convert())


def save(part: keras.Model, folder: str, *, spec: TensorSpec) -> None:
    def answer(input: tf.Tensor) -> dict[str, tf.Tensor]:
        outputs: dict[str, tf.Tensor] = part(tf.cast(input, tf.float32), training=False)
        return outputs

    archive = keras.export.ExportArchive()
    archive.track(part)
    archive.add_endpoint("serve", answer, [tf.TensorSpec((None, *spec.shape), spec.dtype.value, name="input")])
    archive.write_out(folder, verbose=False)


def one_by_one(records: Tensor) -> Iterator[dict[str, Tensor]]:
    for record in records:
        yield {"input": record[np.newaxis].astype(np.float32)}
