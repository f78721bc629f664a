"""One backend in a process of its own: seconds a record for each batch size, as JSON on standard output.

    python -m simulations.bench.bare.backend NAME THREADS SECONDS BATCH ...

Also runs in the environment of tflite-runtime, so it imports the agent and nothing else of the bench that needs more.
"""

import sys

import msgspec

from agent.backends.registry import choose
from shared.documents import ArtifactFormat
from simulations.bench import network
from simulations.bench.bare.inference import records_per_s

FILES = {
    "litert": (ArtifactFormat.TFLITE, "edge-1.tflite"),
    "tflite": (ArtifactFormat.TFLITE, "edge-1.tflite"),
    "keras": (ArtifactFormat.KERAS, "edge-1.keras"),
    "torch": (ArtifactFormat.TORCH, "edge-1.pt2"),
}


class Rates(msgspec.Struct, frozen=True, kw_only=True):
    """Records a second by batch size; `version` is the framework's."""

    version: str
    rates: dict[int, float]


def main(name: str, threads: int, seconds: float, batches: list[int]) -> None:
    artifact_format, file = FILES[name]
    backend = choose(artifact_format, name)
    model = backend.load(network.FOLDER / file, network.edge(1), threads=threads)
    rates = {batch: records_per_s(model, batch=batch, seconds=seconds) for batch in batches}
    model.close()
    sys.stdout.write(msgspec.json.encode(Rates(version=backend.version(), rates=rates)).decode() + "\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), [int(one) for one in sys.argv[4:]])
