"""A second version of the example that is like the first and answers otherwise, and what each version must answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from agent.backends.litert import LiteRTBackend
from shared.documents import ModelManifest, Precision, SubModel
from shared.record.prediction import Prediction
from simulations.demo.example import Example

FIRST, SECOND = 1, 2
# Batches of other sizes round otherwise. The two versions differ by ten times as much on nearly every image.
TOLERANCE = 1e-3


def second_manifest(manifest: ModelManifest) -> ModelManifest:
    """The artifacts of full int8, which have the same tensors, in the place of those of float32."""

    def swapped(sub_model: SubModel) -> SubModel:
        artifacts = tuple(replace(one, precision=Precision.FLOAT32) for one in sub_model.artifacts if is_int8(one))
        return replace(sub_model, artifacts=artifacts)

    return replace(manifest, sub_models=tuple(swapped(one) for one in manifest.sub_models), description="the second")


def is_int8(artifact: Any) -> bool:  # noqa: ANN401
    return bool(artifact.precision is Precision.INT8)


@dataclass(frozen=True, slots=True)
class Expected:
    """What every exit of each version says of each image, shape `[images, classes]`; features are sent as they are."""

    outputs: Mapping[tuple[int, str], NDArray[Any]]

    def __call__(self, prediction: Prediction, image: int) -> bool:
        """Whether it is what one version alone, tier by tier, makes of this image."""
        wanted = self.outputs[prediction.version, prediction.tier][image]
        return bool(np.allclose(prediction.values, wanted, atol=TOLERANCE))


def expected(example: Example, images: NDArray[Any]) -> Expected:
    manifests = {FIRST: example.manifest, SECOND: second_manifest(example.manifest)}
    return Expected(
        {
            (version, tier): outputs
            for version, manifest in manifests.items()
            for tier, outputs in _through(manifest.sub_models, example.folder, images).items()
        }
    )


def _through(sub_models: Sequence[SubModel], folder: Path, images: NDArray[Any]) -> dict[str, NDArray[Any]]:
    backend, tensor, found = LiteRTBackend(), images, {}
    for sub_model in sub_models:
        artifact = next(one for one in sub_model.artifacts if one.precision is Precision.FLOAT32)
        loaded = backend.load(folder / artifact.file, sub_model, threads=1)
        outputs = loaded.infer(tensor)
        loaded.close()
        assert outputs.exit is not None
        found[sub_model.tier] = outputs.exit
        if outputs.features is not None:
            tensor = outputs.features
    return found
