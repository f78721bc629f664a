"""Kafka-ML's MNIST example: three networks written apart, 28x28 -> 64 features -> 64 features, each with an exit."""

from pathlib import Path

import pytest

from fogline import exit_outputs
from shared.documents import Description, DType, Export, ExportForm, Precision, TensorSpec, decode
from tests.agent.training.exporting.exports import finished, manifest, prepare

FEATURES = TensorSpec(dtype=DType.FLOAT32, shape=(64,))
EDGE = """\
import keras


def network():
    image = keras.Input(shape=(28, 28), name="image")
    flat = keras.layers.Flatten(name="flatten")(keras.layers.Rescaling(1 / 255)(image))
    features = keras.layers.Dense(64, activation="relu", name="features")(flat)
    answer = keras.layers.Dense(3, activation="softmax", name="exit")(features)
    return keras.Model(inputs=image, outputs=[features, answer])
"""
FOG = """\
import keras


def network():
    given = keras.Input(shape=(64,), name="given")
    hidden = keras.layers.Dense(64, activation="relu", name="hidden")(given)
    answer = keras.layers.Dense(3, activation="softmax", name="exit")(hidden)
    features = keras.layers.Dense(64, activation="relu", name="features")(hidden)
    return keras.Model(given, {"features": features, "exit": answer})
"""
CLOUD = """\
import keras


def network():
    return keras.Sequential(
        [
            keras.Input((64,)),
            keras.layers.Dense(128, activation="relu", name="hidden"),
            keras.layers.Dense(3, activation="softmax", name="answer"),
        ]
    )
"""


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_chain_is_trained_as_one_network_and_exported_as_it_was_written(tmp_path: Path) -> None:
    sources = {"edge": EDGE, "fog": FOG, "cloud": CLOUD}
    export = Export(forms=(ExportForm(), ExportForm(precision=Precision.INT8)), checked=64, representative=64)
    folder = prepare(tmp_path / "run", sources, shape=(28, 28), export=export)
    code, _, errors = finished("agent.training", folder)
    assert code == 0, errors
    network = decode((folder / "description.json").read_bytes(), Description)
    assert [(one.name, one.cut) for one in network.exits] == [
        ("edge", "edge.features"),
        ("fog", "fog.features"),
        ("cloud", None),
    ]
    code, _, errors = finished("agent.training.exporting", folder)
    assert code == 0, errors
    edge, fog, cloud = manifest(folder).sub_models
    assert (edge.tier, edge.input.shape, edge.features) == ("edge", (28, 28), FEATURES)
    assert (fog.tier, fog.input, fog.features) == ("fog", FEATURES, FEATURES)
    assert (cloud.tier, cloud.input, cloud.features) == ("cloud", FEATURES, None)
    assert manifest(folder).metrics["accuracy_cloud"] > 0.9
    assert exit_outputs.read(folder / "test.npz").tiers == ("edge", "fog", "cloud")
