"""A folder to train in, and the trainer as the process it is."""

import fcntl
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from agent.training.reading.shelf_writer import ShelfWriter
from agent.training.task import TrainingTask
from shared.documents import DType, Framework, Rates, TensorSpec, TrainingParameters, encode

ROOT = Path(__file__).parents[3]
RECORDS, FEATURES, CLASSES = 600, 12, 3
NETWORK = """\
import keras
from keras import layers


def network():
    x = keras.Input((12,), name="sensor")
    low = layers.Dropout(0.2, name="low")(layers.Dense(16, activation="relu")(layers.Rescaling(1 / 64)(x)))
    edge = layers.Dense(3, activation="softmax", name="edge")(low)
    high = layers.BatchNormalization(momentum=0.7)(layers.Dense(16, activation="relu")(low))
    cloud = layers.Dense(3, activation="softmax", name="cloud")(high)
    return keras.Model(x, [edge, cloud])
"""


def shelve(folder: Path) -> None:
    """Bytes in three clouds, and which of them."""
    drawn = np.random.default_rng(3)
    labels = drawn.integers(0, CLASSES, RECORDS).astype(np.uint8)
    inputs = (drawn.normal(100, 20, (RECORDS, FEATURES)) + 60 * np.eye(CLASSES, FEATURES)[labels]).astype(np.uint8)
    scalar = TensorSpec(dtype=DType.UINT8, shape=())
    with ShelfWriter.open(folder, inputs=TensorSpec(dtype=DType.UINT8, shape=(FEATURES,)), labels=scalar) as writer:
        writer.append(("made", 0), inputs, labels, position=RECORDS)


def prepare(
    folder: Path,
    parameters: TrainingParameters,
    *,
    network: str = NETWORK,
    framework: Framework = Framework.KERAS,
) -> Path:
    folder.mkdir()
    shelve(folder / "shelf")
    (folder / "network.py").write_text(network)
    task = TrainingTask(
        shelf="shelf",
        source="network.py",
        framework=framework,
        classes=CLASSES,
        parameters=parameters,
        rates=Rates(validation=0.2, test=0.2),
        progress_every_s=0.0,
    )
    (folder / "task.json").write_bytes(encode(task))
    return folder


ON_ONE_CORE = """\
import os, sys
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


@contextmanager
def started(folder: Path, *, on_one_core: bool = False) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "agent.training", str(folder)]
    if on_one_core:
        command = [sys.executable, "-c", ON_ONE_CORE, *command[1:]]
    # Read as it is written, through a pipe of one page: the trainer is some 26 steps ahead of its reader at most.
    with subprocess.Popen(command, cwd=ROOT, bufsize=0, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, 4096)
            yield process
        finally:
            process.kill()


def events(process: subprocess.Popen[bytes]) -> Iterator[dict[str, Any]]:
    assert process.stdout is not None
    for line in process.stdout:
        yield json.loads(line)


def interrupted(
    folder: Path, number: signal.Signals, when: Callable[[dict[str, Any]], bool], *, on_one_core: bool = False
) -> int:
    """Sends the signal at the first such event; how the process ended."""
    with started(folder, on_one_core=on_one_core) as process:
        assert any(when(event) for event in events(process)), process.stderr and process.stderr.read()
        process.send_signal(number)
        process.communicate()
        return process.returncode


def killed_while_judging(folder: Path) -> None:
    """Again from where it was, when it was done before it was killed: nothing holds it up there."""
    before = folder.with_name("before")
    shutil.copytree(folder, before)
    interrupted(folder, signal.SIGKILL, is_judging)
    while (folder / "done").exists():
        shutil.rmtree(folder)
        shutil.copytree(before, folder)
        interrupted(folder, signal.SIGKILL, is_judging)


def is_judging(event: dict[str, Any]) -> bool:
    return event == {"event": "phase", "phase": "judging"}


def finished(folder: Path, *, on_one_core: bool = False) -> tuple[int, list[dict[str, Any]], str]:
    """Exit code, events, and what people were told."""
    with started(folder, on_one_core=on_one_core) as process:
        output, errors = process.communicate()
        return process.returncode, [json.loads(line) for line in output.splitlines()], errors.decode()
