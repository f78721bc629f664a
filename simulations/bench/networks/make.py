"""Makes the files beside it: a CIFAR-10-sized network of two tiers, and the edge in the formats of all backends.

    python -m simulations.bench.networks.make

It is untrained, because its speed is measured and not its wisdom: seeded weights, and a last layer scaled so that a
planted share of the sample is sure enough to leave at the edge. Needs the extras tensorflow and torch.
"""

import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

import keras
import msgspec
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from shared.documents import Artifact, ArtifactFormat, DType, ModelManifest, SubModel, TensorSpec
from simulations.bench.sample import COLOURS, SIDE, images

FOLDER = Path(__file__).parent
# Of the sample's images, so many leave at the edge at this threshold.
SHARE_AT_THE_EDGE = 0.7
THRESHOLD = 0.8
CLASSES = 10
FEATURES = (8, 8, 8)
INPUT = TensorSpec(dtype=DType.UINT8, shape=(SIDE, SIDE, COLOURS))
MANIFEST = "manifest.json"


def edge(seed: int) -> keras.Model:
    """45,026 parameters; 5.7 million multiplications a record."""
    keras.utils.set_random_seed(seed)
    pixels = keras.Input((SIDE, SIDE, COLOURS), name="input")
    hidden = keras.layers.Rescaling(1 / 255)(pixels)
    for channels in (32, 64):
        hidden = keras.layers.Conv2D(channels, 3, padding="same", activation="relu", kernel_initializer="he_normal")(
            hidden
        )
        hidden = keras.layers.MaxPooling2D()(hidden)
    features = keras.layers.Conv2D(FEATURES[-1], 1, activation="relu", name="features")(hidden)
    dense = keras.layers.Dense(48, activation="relu")(keras.layers.Flatten()(features))
    logits = keras.layers.Dense(CLASSES, name="logits")(dense)
    probabilities = keras.layers.Softmax(name="exit")(logits)
    return keras.Model(pixels, {"exit": probabilities, "features": features})


def cloud() -> keras.Model:
    keras.utils.set_random_seed(0)
    features = keras.Input(FEATURES, name="input")
    probabilities = keras.layers.Dense(CLASSES, activation="softmax")(keras.layers.Flatten()(features))
    return keras.Model(features, {"exit": probabilities})


def plant(model: keras.Model, sample: NDArray[np.uint8]) -> None:
    """Scale the logits until `SHARE_AT_THE_EDGE` of the sample reaches `THRESHOLD`."""
    layer = model.get_layer("logits")
    logits = np.asarray(keras.Model(model.input, layer.output).predict(sample, verbose=0), np.float64)
    low, high = 0.0, 1000.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _share(middle * logits) < SHARE_AT_THE_EDGE else (low, middle)
    layer.set_weights([weights * high for weights in layer.get_weights()])


def _share(logits: NDArray[np.float64]) -> float:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return float((powers.max(axis=1) / powers.sum(axis=1) >= THRESHOLD).mean())


def tflite(model: keras.Model, spec: TensorSpec) -> bytes:
    """With tensors called `input`, `features` and `exit`; bytes are widened by its first operation."""

    def answer(input: tf.Tensor) -> dict[str, tf.Tensor]:
        outputs: dict[str, tf.Tensor] = model(tf.cast(input, tf.float32), training=False)
        return outputs

    with tempfile.TemporaryDirectory() as folder:
        archive = keras.export.ExportArchive()
        archive.track(model)
        archive.add_endpoint("serve", answer, [tf.TensorSpec((None, *spec.shape), spec.dtype.value, name="input")])
        archive.write_out(folder, verbose=False)
        return bytes(tf.lite.TFLiteConverter.from_saved_model(folder).convert())


def artifact(name: str, content: bytes) -> Artifact:
    (FOLDER / name).write_bytes(content)
    digest = sha256(content).hexdigest()
    return Artifact(sha256=digest, size_bytes=len(content), format=ArtifactFormat.TFLITE, file=name)


def manifest(edge_artifact: Artifact, cloud_artifact: Artifact) -> ModelManifest:
    features = TensorSpec(dtype=DType.FLOAT32, shape=FEATURES)
    exit = TensorSpec(dtype=DType.FLOAT32, shape=(CLASSES,))
    return ModelManifest(
        name="bench",
        description="Untrained, CIFAR-10-sized; made by simulations/bench/networks/make.py",
        sub_models=(
            SubModel(tier="edge", input=INPUT, features=features, exit=exit, artifacts=(edge_artifact,)),
            SubModel(tier="cloud", input=features, exit=exit, artifacts=(cloud_artifact,)),
        ),
    )


def main() -> None:
    sample, above = images(), cloud()
    upper = artifact("cloud.tflite", tflite(above, TensorSpec(dtype=DType.FLOAT32, shape=FEATURES)))
    for version in (1, 2):
        model = edge(seed=version)
        plant(model, sample)
        described = manifest(artifact(f"edge-{version}.tflite", tflite(model, INPUT)), upper)
        content = msgspec.json.format(msgspec.json.encode(described), indent=2)
        (FOLDER / f"manifest-{version}.json").write_bytes(content + b"\n")
        if version == 1:
            model.save(FOLDER / "edge-1.keras")
    # In a process of its own: TensorFlow and PyTorch each bring an LLVM.
    command = [sys.executable, "-m", "simulations.bench.networks.make_torch"]
    subprocess.run([*command, str(FOLDER / "edge-1.keras"), str(FOLDER / "edge-1.pt2")], check=True)


if __name__ == "__main__":
    main()
