"""The network that is measured, as documents and files. `networks/make.py` says what it is."""

from functools import cache
from hashlib import sha256
from pathlib import Path

import msgspec

from shared.artifacts import ArtifactStore
from shared.documents import Artifact, LoadedVersion, ModelManifest, SubModel, decode

FOLDER = Path(__file__).parent / "networks"
# At this threshold 70 % of the sample leaves at the edge: planted when the network was made.
THRESHOLD = 0.8


@cache
def manifest(version: int) -> ModelManifest:
    """Version 1 or 2: the same layers, other weights."""
    return decode((FOLDER / f"manifest-{version}.json").read_bytes(), ModelManifest)


def edge(version: int) -> SubModel:
    return manifest(version).sub_models[0]


def loaded_version(version: int) -> LoadedVersion:
    """The edge's, as an agent is told of it."""
    described = manifest(version)
    (artifact,) = edge(version).artifacts
    return LoadedVersion(
        model=described.name, version=version, sub_model=edge(version), artifact=artifact, task=described.task
    )


def fresh(number: int, folder: Path) -> ModelManifest:
    """Version 2 as files that no node has seen, written into `folder`: behind a `.tflite` file any bytes may follow."""
    folder.mkdir(exist_ok=True)
    described = manifest(2)
    sub_models = tuple(_fresh(one, number, folder) for one in described.sub_models)
    return msgspec.structs.replace(described, sub_models=sub_models)


def _fresh(sub_model: SubModel, number: int, folder: Path) -> SubModel:
    (artifact,) = sub_model.artifacts
    content = (FOLDER / artifact.file).read_bytes() + b"%016d" % number
    (folder / artifact.file).write_bytes(content)
    digest = sha256(content).hexdigest()
    renamed = msgspec.structs.replace(artifact, sha256=digest, size_bytes=len(content))
    return msgspec.structs.replace(sub_model, artifacts=(renamed,))


def put(artifact: Artifact, store: ArtifactStore) -> None:
    """As if it had been downloaded."""
    with store.open_partial(artifact.sha256, max_bytes=artifact.size_bytes) as partial:
        if partial.received_bytes < artifact.size_bytes:
            partial.append((FOLDER / artifact.file).read_bytes())
        partial.finish()
