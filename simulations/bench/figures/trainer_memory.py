"""What a long stream takes of memory: the trainer's peak on 10 GB of made records less its peak on 100 MB.

The records lie on the disk already, as the reader of a stream leaves them there. One epoch and the judging, at the
same batch; the longer one needs 10 GB of disk and some minutes, so there is one round of it whatever was asked for.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from agent.training.reading.shelf_writer import ShelfWriter
from agent.training.task import FILE, TrainingTask
from shared.documents import DType, Rates, TensorSpec, TrainingParameters, encode
from simulations.bench.bench import Bench
from simulations.bench.errors import BenchError
from simulations.bench.experiment import Samples
from simulations.bench.report import Better, Figure

SHORT_BYTES, LONG_BYTES = 100 * 10**6, 10 * 10**9
INPUTS = TensorSpec(dtype=DType.UINT8, shape=(224, 224, 3))
LABELS = TensorSpec(dtype=DType.UINT8, shape=())
CLASSES = 10
BATCH = 64
NETWORK = f"""\"\"\"Nearly nothing to compute: what is measured is the way there.\"\"\"

import keras
from keras import layers


def network() -> keras.Model:
    images = keras.Input({INPUTS.shape})
    x = layers.AveragePooling2D(32)(layers.Rescaling(1 / 255)(images))
    return keras.Model(images, layers.Dense({CLASSES}, activation="softmax", name="exit")(layers.Flatten()(x)))
"""
_BLOCK = 256
_SEED = 6


class TrainerMemory:
    name = "trainer-memory"
    figures: Sequence[Figure] = (
        Figure(
            name=name,
            title="peak memory of a trainer on a stream of 10 GB - on one of 100 MB",
            must=200,
            aim=50,
            better=Better.LOWER,
            unit="MiB",
        ),
    )

    def run(self, bench: Bench) -> Samples:
        samples = Samples()
        short, long = (_peak_mib(bench, size) for size in (SHORT_BYTES, LONG_BYTES))
        samples.add(self.name, long - short, on_10_GB=(long, "MiB"), on_100_MB=(short, "MiB"))
        return samples


def _peak_mib(bench: Bench, size_bytes: int) -> float:
    folder = bench.layout.directory / bench.unique("trainer-memory")
    folder.mkdir()
    try:
        bench.say(f"memory of a trainer: making {size_bytes / 1e9:g} GB of records")
        _make(folder, size_bytes // INPUTS.size_bytes)
        bench.say(f"memory of a trainer: training on {size_bytes / 1e9:g} GB")
        return _trained_mib(folder)
    finally:
        shutil.rmtree(folder)


def _make(folder: Path, records: int) -> None:
    (folder / "network.py").write_text(NETWORK)
    given = TrainingTask(
        shelf="shelf",
        source="network.py",
        parameters=TrainingParameters(epochs=1, batch=BATCH),
        rates=Rates(validation=0.05, test=0.05),
    )
    (folder / FILE).write_bytes(encode(given))
    draw = np.random.default_rng(_SEED)
    images = draw.integers(0, 256, (_BLOCK, *INPUTS.shape), np.uint8)
    with ShelfWriter.open(folder / "shelf", inputs=INPUTS, labels=LABELS) as writer:
        for start in range(0, records, _BLOCK):
            rows = min(_BLOCK, records - start)
            labels = draw.integers(0, CLASSES, rows, np.uint8)
            writer.append(("made", 0), images[:rows], labels, position=start + rows)


def _trained_mib(folder: Path) -> float:
    """The kernel's own highest of the process, of which the pages of files it has looked at are a part."""
    command = [sys.executable, "-m", "agent.training", str(folder)]
    with (folder / "said").open("wb") as said, subprocess.Popen(command, stdout=said, stderr=said) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise BenchError(f"the trainer ended with {process.returncode}: {(folder / 'said').read_text()[-500:]}")
    return usage.ru_maxrss / 1024
