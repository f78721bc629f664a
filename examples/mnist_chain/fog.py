"""The part between: 64 features of the edge to 64 of its own."""

import keras
from keras import layers


def network() -> keras.Model:
    received = keras.Input((64,), name="received")
    features = layers.Dense(64, activation="relu", name="features")(received)
    answer = layers.Dense(10, activation="softmax", name="exit")(features)
    return keras.Model(received, {"features": features, "exit": answer})
