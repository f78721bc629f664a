"""One network for vibrations, cut in two: eight filters on the sensor's own box, the rest above.

64 samples of two axes are 512 bytes of float32, and twice that as JSON; the features are 16x4, 64 bytes as `u8`.
"""

import keras
from keras import layers

from examples.sensor.machine import AXES, CONDITIONS, SAMPLES

WINDOW_SHAPE = (SAMPLES, AXES)
FEATURES_SHAPE = (16, 4)


def conv_relu(x: keras.KerasTensor, filters: int, *, size: int = 5, stride: int = 1) -> keras.KerasTensor:
    x = layers.Conv1D(filters, size, strides=stride, padding="same", use_bias=False)(x)
    return layers.ReLU(max_value=6.0)(layers.BatchNormalization()(x))


def early_exit(x: keras.KerasTensor) -> keras.KerasTensor:
    return layers.Dense(len(CONDITIONS), activation="softmax", name="exit")(layers.GlobalAveragePooling1D()(x))


def edge() -> keras.Model:
    vibrations = keras.Input(WINDOW_SHAPE, name="input")
    x = conv_relu(vibrations, 8, size=8, stride=4)
    return keras.Model(vibrations, {"features": conv_relu(x, FEATURES_SHAPE[-1]), "exit": early_exit(x)}, name="edge")


def cloud() -> keras.Model:
    received = keras.Input(FEATURES_SHAPE, name="input")
    x = conv_relu(conv_relu(received, 64), 64)
    x = conv_relu(layers.MaxPooling1D()(x), 128, size=3)
    return keras.Model(received, {"exit": early_exit(layers.Dropout(0.3)(x))}, name="cloud")


def sub_models() -> dict[str, keras.Model]:
    return {"edge": edge(), "cloud": cloud()}


def joint(parts: dict[str, keras.Model]) -> keras.Model:
    vibrations = keras.Input(WINDOW_SHAPE, name="input")
    at_edge = parts["edge"](vibrations)
    return keras.Model(vibrations, {"edge": at_edge["exit"], "cloud": parts["cloud"](at_edge["features"])["exit"]})
