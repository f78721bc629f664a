"""A run that is trained, and the exporter as the process it is."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.training.exporting.task import ExportTask
from agent.training.reading.shelf_writer import ShelfWriter
from agent.training.task import TierSource, TrainingTask
from shared.documents import (
    ArtifactFormat,
    DType,
    Export,
    ExportForm,
    ModelManifest,
    Optimiser,
    Precision,
    Rates,
    TensorSpec,
    TrainingParameters,
    decode,
    encode,
)
from tests.agent.training.runs import ROOT

CLASSES = ("slash", "backslash", "bar")
FORMS = (
    ExportForm(),
    ExportForm(precision=Precision.FLOAT16),
    ExportForm(precision=Precision.INT8),
    ExportForm(format=ArtifactFormat.KERAS),
)
NETWORK = """\
import keras
from keras import layers


def network():
    x = keras.Input((8, 8, 1))
    seen = layers.Conv2D(4, 3, padding="same", activation="relu")(layers.Rescaling(1 / 255)(x))
    low = layers.MaxPooling2D(name="low")(seen)
    edge = layers.Dense(3, activation="softmax", name="edge")(layers.Flatten()(layers.Conv2D(3, 3)(low)))
    sent = layers.ReLU(max_value=6.0, name="sent")(layers.BatchNormalization()(layers.Conv2D(2, 1)(low)))
    high = layers.Add(name="high")([sent, layers.Conv2D(2, 3, padding="same")(sent)])
    cloud = layers.Dense(3, activation="softmax", name="cloud")(layers.Flatten()(layers.Dropout(0.2)(high)))
    return keras.Model(x, {"edge": edge, "cloud": cloud})
"""


def drawn(records: int, side: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Strokes in noise `[n, side, side]`, and which of three they are."""
    lot = np.random.default_rng(7)
    strokes = np.zeros((3, side, side))
    strokes[0] = np.eye(side)
    strokes[1] = np.fliplr(strokes[0])
    strokes[2, :, side // 2] = 1
    labels = lot.integers(0, 3, records).astype(np.uint8)
    return (140 * strokes[labels] + lot.integers(0, 100, (records, side, side))).astype(np.uint8), labels


def prepare(
    folder: Path,
    sources: dict[str, str] | str,
    *,
    shape: Sequence[int],
    export: Export,
    labels: tuple[str, ...] = CLASSES,
    records: int = 500,
) -> Path:
    folder.mkdir()
    images, truth = drawn(records, shape[0])
    record = TensorSpec(dtype=DType.UINT8, shape=tuple(shape))
    scalar = TensorSpec(dtype=DType.UINT8, shape=())
    with ShelfWriter.open(folder / "shelf", inputs=record, labels=scalar) as writer:
        writer.append(("made", 0), images.reshape(-1, *shape), truth, position=records)
    task = TrainingTask(
        shelf="shelf",
        source=_written(folder, sources),
        classes=3,
        parameters=TrainingParameters(epochs=6, batch=32, optimiser=Optimiser(learning_rate=0.02), seed=5),
        rates=Rates(validation=0.2, test=0.3),
    )
    (folder / "task.json").write_bytes(encode(task))
    order(folder, export, labels=labels)
    return folder


def _written(folder: Path, sources: dict[str, str] | str) -> str | tuple[TierSource, ...]:
    if isinstance(sources, str):
        (folder / "network.py").write_text(sources)
        return "network.py"
    for tier, source in sources.items():
        (folder / f"{tier}.py").write_text(source)
    return tuple(TierSource(tier=tier, file=f"{tier}.py") for tier in sources)


def order(folder: Path, export: Export, *, labels: tuple[str, ...] = CLASSES) -> None:
    (folder / "export.json").write_bytes(encode(ExportTask(model="strokes", labels=labels, export=export)))


@contextmanager
def started(module: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", module, str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def finished(module: str, folder: Path) -> tuple[int, list[dict[str, Any]], str]:
    """Exit code, events, and what people were told."""
    with started(module, folder) as process:
        output, errors = process.communicate()
        return process.returncode, [json.loads(line) for line in output.splitlines()], errors.decode()


def manifest(folder: Path) -> ModelManifest:
    return decode((folder / "manifest.json").read_bytes(), ModelManifest)
