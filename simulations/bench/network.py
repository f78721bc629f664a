"""The network that is measured, as documents and files. `networks/make.py` says what it is."""

from functools import cache
from pathlib import Path

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


def put(artifact: Artifact, store: ArtifactStore) -> None:
    """As if it had been downloaded."""
    with store.open_partial(artifact.sha256, max_bytes=artifact.size_bytes) as partial:
        if partial.received_bytes < artifact.size_bytes:
            partial.append((FOLDER / artifact.file).read_bytes())
        partial.finish()
