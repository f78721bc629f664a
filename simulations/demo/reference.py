"""What the last exit alone would have answered: every image through every sub-model, no exit taken, nothing encoded.

A program of its own (`python -m simulations.demo.reference FOLDER`): the runtime it loads writes to the terminal.
"""

import json
import subprocess
import sys
from pathlib import Path

from shared.documents import Artifact, ArtifactFormat, Precision, SubModel
from simulations.demo.example import Example
from simulations.demo.feed import Sample

BATCH = 250


def last_exit_accuracy(example: Example) -> float | None:
    """A fraction; None where a sub-model has no float32 artifact that LiteRT reads."""
    command = [sys.executable, "-m", __name__, str(example.folder)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    accuracy: float | None = json.loads(printed)
    return accuracy


def measure(example: Example) -> float | None:
    from agent.backends.litert import LiteRTBackend

    sample = Sample.load(example.sample)
    artifacts = [_artifact(sub_model) for sub_model in example.manifest.sub_models]
    backend = LiteRTBackend()
    loaded = []
    for sub_model, artifact in zip(example.manifest.sub_models, artifacts, strict=True):
        if artifact is None:
            return None
        loaded.append(backend.load(example.folder / artifact.file, sub_model, threads=2))
    right = 0
    for start in range(0, len(sample.labels), BATCH):
        tensor = sample.images[start : start + BATCH]
        for one in loaded:
            outputs = one.infer(tensor)
            passed_on = outputs.exit if outputs.features is None else outputs.features
            if passed_on is None:
                return None
            tensor = passed_on
        right += int((tensor.argmax(axis=1) == sample.labels[start : start + BATCH]).sum())
    for one in loaded:
        one.close()
    return right / len(sample.labels)


def _artifact(sub_model: SubModel) -> Artifact | None:
    wanted = (ArtifactFormat.TFLITE, Precision.FLOAT32)
    return next((one for one in sub_model.artifacts if (one.format, one.precision) == wanted), None)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(Example.load(Path(sys.argv[1])))))
