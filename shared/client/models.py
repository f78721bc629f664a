"""Trained networks: a manifest and the artifacts it names become an immutable version."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from shared.client import files
from shared.client.answers import document, items, nothing
from shared.client.artifacts import Progress, silent, upload
from shared.client.flow import Call, Flow, Steps, Work
from shared.client.operation import Group, M, operation
from shared.client.paths import path
from shared.documents import Artifact, ModelManifest, ModelVersion, decode, encode, encode_given
from shared.errors import ArtifactError, DocumentError

MANIFEST = "manifest.json"


class Models(Group[M]):
    @operation
    def create_version(self, manifest: ModelManifest) -> Flow[ModelVersion]:
        """The next version, or the one that has exactly this manifest. Its artifacts must have been uploaded."""
        return _create_version(manifest)

    @operation
    def register(self, manifest: ModelManifest, folder: Path, *, progress: Progress = silent) -> Flow[ModelVersion]:
        """Verify the artifacts the manifest names in `folder`, upload those not there yet, create the version.

        Nothing is sent before every file was found to be what the manifest says. Raises DocumentError and
        ArtifactError for what is wrong here, StorageError for what cannot be read, ControlPlaneError for the rest.
        """
        return _register(manifest, folder, progress=progress)

    @operation
    def list(self) -> Flow[tuple[ModelVersion, ...]]:
        """The latest version of each."""
        return Call(method="GET", path=path("models"), read=items(ModelVersion))

    @operation
    def versions(self, name: str) -> Flow[tuple[ModelVersion, ...]]:
        return Call(method="GET", path=path("models", name), read=items(ModelVersion))

    @operation
    def get(self, name: str, version: int | None = None) -> Flow[ModelVersion]:
        """`version` None is the latest."""
        number = "latest" if version is None else str(version)
        return Call(method="GET", path=path("models", name, "versions", number), read=document(ModelVersion))

    @operation
    def set_alias(self, name: str, alias: str, version: int) -> Flow[ModelVersion]:
        """From now on `alias` of this model means this version, and no other."""
        return Call(
            method="PUT",
            path=path("models", name, "aliases", alias),
            content=encode({"version": version}),
            read=document(ModelVersion),
        )

    @operation
    def remove_alias(self, name: str, alias: str) -> Flow[None]:
        return Call(method="DELETE", path=path("models", name, "aliases", alias), read=nothing)

    @operation
    def set_note(self, name: str, version: int, note: str) -> Flow[ModelVersion]:
        """A text for people, in place of the one before."""
        return Call(
            method="PUT",
            path=path("models", name, "versions", str(version), "note"),
            content=encode({"note": note}),
            read=document(ModelVersion),
        )

    @operation
    def delete(self, name: str, version: int) -> Flow[None]:
        """Refused (409) while it is deployed or has an alias."""
        return Call(method="DELETE", path=path("models", name, "versions", str(version)), read=nothing)


def read_manifest(at: Path) -> tuple[ModelManifest, Path]:
    """A manifest from its file, or from the `manifest.json` of a folder; and the folder its artifacts lie in.

    Raises StorageError or DocumentError.
    """
    file = at / MANIFEST if at.is_dir() else at
    return decode(files.text(file), ModelManifest), file.parent


def _create_version(manifest: ModelManifest) -> Call[ModelVersion]:
    return Call(
        method="POST",
        path=path("models", manifest.name, "versions"),
        content=encode_given(manifest),
        read=document(ModelVersion),
    )


def _register(manifest: ModelManifest, folder: Path, *, progress: Progress) -> Steps[ModelVersion]:
    found: dict[str, Path] = {}
    for field, artifact in _artifacts(manifest):
        found[artifact.sha256] = yield from Work(partial(_verified, folder, artifact, field))
    for sha256, file in found.items():
        yield from upload(file, progress=progress, sha256=sha256)
    return (yield from _create_version(manifest))


def _artifacts(manifest: ModelManifest) -> Iterator[tuple[str, Artifact]]:
    for i, sub_model in enumerate(manifest.sub_models):
        for j, artifact in enumerate(sub_model.artifacts):
            yield f"sub_models[{i}].artifacts[{j}]", artifact


def _verified(folder: Path, artifact: Artifact, field: str) -> Path:
    file = (folder / artifact.file).resolve()
    if not artifact.file or not file.is_relative_to(folder.resolve()):
        raise DocumentError(f"must name a file in {folder}", field=f"{field}.file")
    if (size := files.size(file)) != artifact.size_bytes:
        raise ArtifactError(f"{file} has {size} bytes, the manifest says {artifact.size_bytes} ({field})")
    if (digest := files.sha256(file)) != artifact.sha256:
        raise ArtifactError(f"{file} has SHA-256 {digest}, the manifest says {artifact.sha256} ({field})")
    return file
