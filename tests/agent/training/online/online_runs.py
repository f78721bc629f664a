"""Folders to train in without an end, and the two processes as they are."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.training.online import windows
from agent.training.online.task import OnlineTask
from agent.training.online.windows import Head, Window
from agent.training.task import TrainingTask
from shared.documents import Cluster, Optimiser, TrainingParameters, encode
from shared.documents.training import Online
from shared.streams.inputs import RawInput
from tests.agent.training.runs import CLASSES, FEATURES, NETWORK, ROOT

WINDOW = 120


def records(seed: int, count: int, *, turned: bool = False) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Bytes in three clouds, and which of them; `turned`: each cloud has changed its name."""
    drawn = np.random.default_rng(seed)
    labels = drawn.integers(0, CLASSES, count).astype(np.uint8)
    inputs = (drawn.normal(100, 20, (count, FEATURES)) + 60 * np.eye(CLASSES, FEATURES)[labels]).astype(np.uint8)
    return inputs, (labels + 1) % CLASSES if turned else labels


def window(number: int, *, turned: bool = False) -> Window:
    inputs, labels = records(number, WINDOW, turned=turned)
    return Window(head=Head(number=number, positions=((0, number * WINDOW),)), inputs=inputs, labels=labels)


def prepare(
    folder: Path, *, topic: str = "stream", online: Online | None = None, announced_ms: int | None = None
) -> Path:
    folder.mkdir()
    (folder / "network.py").write_text(NETWORK)
    made = OnlineTask(
        topic=topic,
        announced_ms=announced_ms,
        input=RawInput(data_type="uint8", label_type="uint8", data_shape=(FEATURES,), label_shape=()),
        online=online or Online(window=WINDOW, judged_windows=2, margin=0.05),
        training=TrainingTask(
            shelf="",
            source="network.py",
            classes=CLASSES,
            parameters=TrainingParameters(batch=16, optimiser=Optimiser(learning_rate=0.01)),
            threads=1,
        ),
    )
    (folder / "online.json").write_bytes(encode(made))
    return folder


def give(folder: Path, *numbers: int, turned: bool = False) -> None:
    for number in numbers:
        windows.write(folder, window(number, turned=turned))


def checkpoint(folder: Path, window: int) -> bytes:
    return (folder / "checkpoints" / f"{window:08}.checkpoint").read_bytes()


@contextmanager
def training(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with _started("agent.training.online", folder) as process:
        yield process


@contextmanager
def reading(folder: Path, cluster: Cluster) -> Iterator[subprocess.Popen[bytes]]:
    with _started("agent.training.online.reading", folder) as process:
        assert process.stdin is not None
        process.stdin.write(encode(cluster))
        process.stdin.close()
        yield process


def said(process: subprocess.Popen[bytes]) -> Iterator[dict[str, Any]]:
    assert process.stdout is not None
    for line in process.stdout:
        yield json.loads(line)


def until(process: subprocess.Popen[bytes], event: str, **wanted: object) -> list[dict[str, Any]]:
    """All that it said up to the first such event."""
    heard = []
    for one in said(process):
        heard.append(one)
        if one["event"] == event and all(one[name] == value for name, value in wanted.items()):
            return heard
    raise AssertionError((heard, process.stderr and process.stderr.read()))


@contextmanager
def _started(module: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", module, str(folder)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        try:
            yield process
        finally:
            process.kill()
            process.stdout and process.stdout.read()
