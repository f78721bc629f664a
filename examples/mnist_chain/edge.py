"""The part at the sensor: 28x28 pixels, 0 to 255, to 64 features."""

import keras
from keras import layers


def network() -> keras.Model:
    pixels = keras.Input((28, 28), name="pixels")
    x = layers.Reshape((28, 28, 1))(layers.Rescaling(1 / 255)(pixels))
    x = layers.Conv2D(16, 3, strides=2, activation="relu")(x)
    x = layers.Conv2D(16, 3, strides=2, activation="relu")(x)
    features = layers.Dense(64, activation="relu", name="features")(layers.Flatten()(x))
    answer = layers.Dense(10, activation="softmax", name="exit")(features)
    return keras.Model(pixels, {"features": features, "exit": answer})
