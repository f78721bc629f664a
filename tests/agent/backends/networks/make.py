"""Makes the committed `.tflite` files from `tiny.py`; needs TensorFlow, which the environment of tflite-runtime lacks.

python -m tests.agent.backends.networks.make
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import tensorflow as tf

from shared.documents import TensorSpec
from tests.agent.backends import tiny

Answer = Callable[[tf.Tensor], dict[str, tf.Tensor]]
HERE = Path(__file__).parent


def both(images: tf.Tensor) -> dict[str, tf.Tensor]:
    features = tf.nn.relu(tf.nn.conv2d(images, tiny.KERNEL, 1, "VALID") + tiny.KERNEL_BIAS)
    logits = tf.reshape(features, (-1, 32)) @ tiny.WEIGHTS + tiny.BIAS
    return {"features": features, "exit": tf.nn.softmax(logits)}


def exit_only(images: tf.Tensor) -> dict[str, tf.Tensor]:
    return {"probabilities": both(images)["exit"]}


def from_pixels(pixels: tf.Tensor) -> dict[str, tf.Tensor]:
    return both(tf.cast(pixels, tf.float32) / 255.0)


def converter(answer: Answer, spec: TensorSpec, records: int | None = None) -> tf.lite.TFLiteConverter:
    signature = [tf.TensorSpec((records, *spec.shape), spec.dtype.value, name="input")]
    function = tf.function(answer, input_signature=signature)
    return tf.lite.TFLiteConverter.from_concrete_functions([function.get_concrete_function()], tf.Module())


def representative() -> Iterator[dict[str, np.ndarray]]:
    for image in tiny.batch(200):
        yield {"input": image[np.newaxis]}


def int8(input_type: tf.DType, output_type: tf.DType) -> bytes:
    quantising = converter(both, tiny.INPUT)
    quantising.optimizations = [tf.lite.Optimize.DEFAULT]
    quantising.representative_dataset = representative
    quantising.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    quantising.inference_input_type = input_type
    quantising.inference_output_type = output_type
    return bytes(quantising.convert())


def main() -> None:
    files = {
        "float32": converter(both, tiny.INPUT).convert(),
        "one_by_one": converter(both, tiny.INPUT, records=1).convert(),
        "exit_only": converter(exit_only, tiny.INPUT).convert(),
        "pixels": converter(from_pixels, tiny.PIXELS).convert(),
        "int8": int8(tf.int8, tf.int8),
        "uint8_in": int8(tf.uint8, tf.float32),
    }
    for name, content in files.items():
        (HERE / f"{name}.tflite").write_bytes(content)


if __name__ == "__main__":
    main()
