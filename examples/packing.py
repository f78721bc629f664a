"""Trained sub-models to artifacts on disk and the manifest that names each by its digest."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt

from examples import manifests, tflite
from shared.documents.model import Artifact, ArtifactFormat, ModelManifest, Precision, SubModel
from shared.documents.types import DType, TensorSpec

Tensor = npt.NDArray[np.generic]


def pack(
    parts: Mapping[str, keras.Model],
    *,
    into: Path,
    describe: Callable[[tuple[SubModel, ...]], ModelManifest],
    input: TensorSpec,
    representative: Tensor,
) -> ModelManifest:
    """Write `artifacts/*.tflite` and `manifest.json` into a folder.

    `parts` are the sub-models by tier, nearest to the sensor first; `input` is what the first one takes from a record;
    `representative` (n, *input.shape) are records of the kind it will see, which fix the ranges of the int8 files.
    """
    sub_models = []
    for tier, part in parts.items():
        sub_models.append(convert(tier, part, into=into, input=input, representative=representative))
        if (features := sub_models[-1].features) is not None:
            input, representative = features, np.asarray(part.predict(representative, verbose=0)["features"])
    manifest = describe(tuple(sub_models))
    manifests.write(manifest, into)
    return manifest


def convert(tier: str, part: keras.Model, *, into: Path, input: TensorSpec, representative: Tensor) -> SubModel:
    files = {
        Precision.FLOAT32: tflite.float32(part, spec=input),
        Precision.INT8: tflite.int8(part, spec=input, representative=representative),
    }
    return SubModel(
        tier=tier,
        input=input,
        features=output_spec(part, "features"),
        exit=output_spec(part, "exit"),
        artifacts=tuple(
            write_artifact(raw, f"artifacts/{tier}.{precision}.tflite", into=into, precision=precision)
            for precision, raw in files.items()
        ),
    )


def output_spec(part: keras.Model, name: str) -> TensorSpec | None:
    if name not in part.output:
        return None
    return TensorSpec(dtype=DType.FLOAT32, shape=tuple(part.output[name].shape[1:]))


def write_artifact(raw: bytes, file: str, *, into: Path, precision: Precision) -> Artifact:
    path = into / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(raw)
    digest = sha256(raw).hexdigest()
    return Artifact(sha256=digest, size_bytes=len(raw), format=ArtifactFormat.TFLITE, precision=precision, file=file)
