"""The bare inference: the sub-model by its backend, batch after batch, nothing around it."""

import time
from statistics import median
from typing import Any

from numpy.typing import NDArray

from agent.backends.protocol import LoadedSubModel
from agent.backends.registry import choose
from shared.documents import ArtifactFormat
from simulations.bench import network
from simulations.bench.sample import images


def load(*, threads: int) -> LoadedSubModel:
    """The measured sub-model as LiteRT runs it."""
    (artifact,) = network.edge(1).artifacts
    return choose(ArtifactFormat.TFLITE).load(network.FOLDER / artifact.file, network.edge(1), threads=threads)


def records_per_s(model: LoadedSubModel, *, batch: int, seconds: float) -> float:
    """Over `seconds` or the one batch that takes longer."""
    sample = images()[:batch]
    model.infer(sample)
    done, began = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - began) < seconds or not done:
        model.infer(sample)
        done += batch
    return done / elapsed


def one_inference_s(model: LoadedSubModel, *, times: int) -> float:
    """The median over single records."""
    sample = images()
    model.infer(sample[:1])
    return median(_timed(model, sample[index % len(sample)][None]) for index in range(times))


def _timed(model: LoadedSubModel, record: NDArray[Any]) -> float:
    began = time.perf_counter()
    model.infer(record)
    return time.perf_counter() - began
