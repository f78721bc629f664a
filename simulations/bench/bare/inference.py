"""The bare inference in a process of its own: one backend, batch after batch, nothing around it. Prints JSON.

    python -m simulations.bench.bare.inference BACKEND THREADS SECONDS BATCH ...

Also runs in the environment of tflite-runtime, so it imports the agent and nothing that is not there.
"""

import sys
import time
from statistics import median

import msgspec

from agent.backends.protocol import LoadedSubModel
from agent.backends.registry import choose
from shared.documents import ArtifactFormat
from simulations.bench import network
from simulations.bench.sample import images

FILES = {
    "litert": (ArtifactFormat.TFLITE, "edge-1.tflite"),
    "tflite": (ArtifactFormat.TFLITE, "edge-1.tflite"),
    "keras": (ArtifactFormat.KERAS, "edge-1.keras"),
    "torch": (ArtifactFormat.TORCH, "edge-1.pt2"),
}


class Speed(msgspec.Struct, frozen=True, kw_only=True):
    """`records_per_s` over all calls; `call_s` is the median of one."""

    records_per_s: float
    call_s: float


class Speeds(msgspec.Struct, frozen=True, kw_only=True):
    """`version` is the framework's."""

    version: str
    by_batch: dict[int, Speed]


def measure(model: LoadedSubModel, *, batch: int, seconds: float) -> Speed:
    """Over `seconds`, or the one call that takes longer."""
    sample = images()
    calls: list[float] = []
    model.infer(sample[:batch])
    began = now = time.perf_counter()
    while now - began < seconds or not calls:
        place = len(calls) * batch % (len(sample) - batch + 1)
        model.infer(sample[place : place + batch])
        before, now = now, time.perf_counter()
        calls.append(now - before)
    return Speed(records_per_s=len(calls) * batch / (now - began), call_s=median(calls))


def main(name: str, threads: int, seconds: float, batches: list[int]) -> None:
    artifact_format, file = FILES[name]
    backend = choose(artifact_format, name)
    model = backend.load(network.FOLDER / file, network.edge(1), threads=threads)
    by_batch = {batch: measure(model, batch=batch, seconds=seconds) for batch in batches}
    model.close()
    sys.stdout.write(msgspec.json.encode(Speeds(version=backend.version(), by_batch=by_batch)).decode() + "\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), [int(one) for one in sys.argv[4:]])
