"""A backend whose network is arithmetic, so that a test says by a record's own numbers what shall happen to it.

A record is four floats: how sure the edge, the fog and the cloud will be of it, and a mark. The exit gives
`[confidence, 1 - confidence]`; the features are the record itself, the version that made them added to its mark. The
file is the JSON of an `Arithmetic`.
"""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from agent.backends.protocol import Outputs
from shared.documents import Artifact, ArtifactFormat, DType, LoadedVersion, SubModel, TensorSpec
from shared.errors import ModelError

RECORD = TensorSpec(dtype=DType.FLOAT32, shape=(4,))
EXIT = TensorSpec(dtype=DType.FLOAT32, shape=(2,))
TIERS = ("edge", "fog", "cloud")
MARK = 3
POISON = -1.0
"""A record with this mark breaks the batch it is in."""


class Arithmetic(msgspec.Struct, frozen=True, kw_only=True):
    """`delay_s` is slept a record, as a backend computes: outside the interpreter lock."""

    tier: str
    version: int
    delay_s: float = 0.0
    is_broken: bool = False
    fails_from: int | None = None
    """Inferences after this many fail; the one that warms up counts."""


class ArithmeticBackend:
    name = "arithmetic"
    formats = frozenset({ArtifactFormat.TFLITE})

    def version(self) -> str:
        return "1"

    def load(self, path: Path, sub_model: SubModel, *, threads: int) -> "ArithmeticSubModel":
        network = msgspec.json.decode(path.read_bytes(), type=Arithmetic)
        if network.is_broken:
            raise ModelError("this file is no network")
        return ArithmeticSubModel(network, sub_model)


class ArithmeticSubModel:
    def __init__(self, network: Arithmetic, sub_model: SubModel) -> None:
        self._network = network
        self._has_features = sub_model.features is not None
        self._column = TIERS.index(network.tier)
        self._inferences = 0
        self.tensors: Mapping[str, TensorSpec] = {"input": RECORD, "exit": EXIT}

    def infer(self, batch: NDArray[Any]) -> Outputs:
        network = self._network
        self._inferences += 1
        if network.fails_from is not None and self._inferences > network.fails_from:
            raise ModelError("this network is worn out")
        if (batch[:, MARK] == POISON).any():
            raise ModelError("poison")
        if network.delay_s:
            time.sleep(network.delay_s * len(batch))
        sure = batch[:, self._column]
        features = batch + np.array([0, 0, 0, network.version], np.float32) if self._has_features else None
        return Outputs(np.stack([sure, 1 - sure], axis=1), features)

    def close(self) -> None:
        return


def loaded_version(tier: str, version: int, digit: str) -> LoadedVersion:
    """`digit` makes its artifact's digest; the last tier has no features."""
    sub_model = SubModel(
        tier=tier,
        input=RECORD,
        features=None if tier == TIERS[-1] else RECORD,
        exit=EXIT,
        artifacts=(Artifact(sha256=digit * 64, size_bytes=1, format=ArtifactFormat.TFLITE),),
    )
    return LoadedVersion(model="digits", version=version, sub_model=sub_model, artifact=sub_model.artifacts[0])


def record(edge: float, fog: float = 1.0, cloud: float = 1.0, mark: float = 0.0) -> bytes:
    return np.array([edge, fog, cloud, mark], "<f4").tobytes()
