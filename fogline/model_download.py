"""A version's files into a folder, from which it can be registered again."""

from dataclasses import dataclass
from pathlib import Path

import msgspec
from msgspec.structs import replace

from fogline.run_files import fetch as fetch_files
from shared.client import Client, Progress
from shared.documents import Artifact, ArtifactFormat, ModelManifest, ModelVersion, Precision, SubModel, encode
from shared.errors import SettingsError, StorageError
from shared.storage import replace_file

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is left out does not matter."""

    tiers: tuple[str, ...] = ()
    format: ArtifactFormat | None = None
    precision: Precision | None = None

    def takes(self, tier: str, artifact: Artifact) -> bool:
        return (
            (not self.tiers or tier in self.tiers)
            and self.format in (None, artifact.format)
            and self.precision in (None, artifact.precision)
        )


def fetch(client: Client, version: ModelVersion, folder: Path, wanted: Wanted, *, progress: Progress) -> list[Path]:
    """The files written; with all artifacts of a version its manifest too, whose `file` names them.

    Raises SettingsError where nothing is wanted of it, StorageError, ControlPlaneError.
    """
    manifest = named(version.manifest)
    chosen = [
        (one.tier, artifact)
        for one in manifest.sub_models
        for artifact in one.artifacts
        if wanted.takes(one.tier, artifact)
    ]
    if not chosen:
        raise SettingsError(f"{manifest.name}/{version.version} has no such artifact: see `fogline models show`")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"{folder}: {error.strerror}") from error
    files = [
        client.artifacts.download(artifact.sha256, folder / artifact.file, progress=progress)
        for artifact in {artifact.file: artifact for _, artifact in chosen}.values()
    ]
    if wanted == Wanted():
        replace_file(folder / MANIFEST, msgspec.json.format(encode(manifest), indent=2))
        files.append(folder / MANIFEST)
    return files


def fetch_of_run(client: Client, version: ModelVersion, folder: Path, *, progress: Progress) -> list[Path]:
    """Raises SettingsError for a version that no run of this control plane made."""
    text = f"{version.manifest.name}/{version.version}"
    if version.lineage is None:
        raise SettingsError(f"{text} was registered, not trained: it has no run")
    if version.lineage.run is None:
        raise SettingsError(f"{text} was made by a federation: it has no run")
    run = client.runs.get(version.lineage.run)
    return list(fetch_files(client, run.files, folder, progress=progress))


def named(manifest: ModelManifest) -> ModelManifest:
    """Every artifact has a name of its own, inside one folder."""
    return replace(manifest, sub_models=tuple(_named(one) for one in manifest.sub_models))


def _named(sub_model: SubModel) -> SubModel:
    names = [f"{sub_model.tier}-{one.precision}.{one.format}" for one in sub_model.artifacts]
    return replace(
        sub_model,
        artifacts=tuple(
            replace(one, file=file if names.count(file) == 1 else f"{one.sha256[:12]}-{file}")
            for one, file in zip(sub_model.artifacts, names, strict=True)
        ),
    )
