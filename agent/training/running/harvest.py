"""What the processes of a run have left in its folder, as it is handed in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TypeVar

from agent import checked_file
from agent.training import task
from agent.training.exporting.results import MANIFEST, Exported
from agent.training.reading.shelf import Shelf
from agent.training.results import Results
from agent.training.running.outcome import CrashedError, HopelessError
from agent.training.running.telling import scores
from shared.documents import Framework, Lineage, ModelManifest, RunFile, RunResult, decode
from shared.documents.training_workloads import TrainingWorkload
from shared.errors import DocumentError
from shared.storage import storage_errors

T = TypeVar("T", Results, Exported)
_PACKAGES: Mapping[Framework, tuple[str, ...]] = {
    Framework.KERAS: ("fogline", "keras", "numpy", "tensorflow", "tensorflow-cpu"),
    Framework.TORCH: ("fogline", "numpy", "torch"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvest:
    """`uploads`: every file by its digest, which `result` speaks of."""

    result: RunResult
    uploads: dict[str, Path]


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What lies in a folder. `uploads`: every file by its digest."""

    manifest: ModelManifest
    trained: Results
    files: tuple[RunFile, ...]
    uploads: dict[str, Path]


def harvested(folder: Path, document: TrainingWorkload) -> Harvest:
    """Reads files. Raises CrashedError where something is missing, HopelessError, StorageError, DocumentError."""
    found = left(folder)
    result = RunResult(
        attempt=document.attempt,
        manifest=found.manifest,
        lineage=_lineage(folder, document),
        epochs=found.trained.epochs,
        exits=found.trained.exits,
        test=scores(found.trained.test),
        files=found.files,
    )
    return Harvest(result=result, uploads=found.uploads)


def left(folder: Path) -> Left:
    """By training and exporting. Raises as `harvested`."""
    results = trained(folder)
    exported = _left(folder, "exported", Exported, "exporting")
    manifest_file = own_file(folder, MANIFEST)
    with storage_errors(manifest_file):
        manifest = decode(manifest_file.read_bytes(), ModelManifest)
    written = [one for sub_model in manifest.sub_models for one in sub_model.artifacts]
    artifacts = {one.sha256: own_file(folder, one.file) for one in written}
    beside = {name: sha for name, sha in exported.files.items() if name != MANIFEST and sha not in artifacts}
    files = tuple(_run_files(folder, {**results.files, **beside}))
    uploads = {**artifacts, **{one.sha256: folder / one.name for one in files}}
    return Left(manifest=manifest, trained=results, files=files, uploads=uploads)


def require_trained(folder: Path) -> None:
    """Before anything is made of it. Raises CrashedError, StorageError."""
    trained(folder)


def trained(folder: Path) -> Results:
    """Raises CrashedError, HopelessError, StorageError."""
    return _left(folder, "done", Results, "training")


def _left(folder: Path, name: str, kind: type[T], what: str) -> T:
    """Whoever ends with 0 has written it, unless the network's own code ended the process."""
    try:
        content = checked_file.read(own_file(folder, name)) if (folder / name).exists() else None
        if content is not None:
            return decode(content, kind)
    except (checked_file.DamagedFileError, DocumentError) as error:
        raise CrashedError(f"{what} ended without a result: {error}") from error
    raise CrashedError(f"{what} ended without a result: does the network's code end its process?")


def _run_files(folder: Path, digests: Mapping[str, str]) -> Iterator[RunFile]:
    for name, sha256 in sorted(digests.items()):
        file = own_file(folder, name)
        with storage_errors(file):
            yield RunFile(name=name, sha256=sha256, size_bytes=file.stat().st_size)


def own_file(folder: Path, name: str) -> Path:
    """A file that the run itself holds. What its network's code left there may lead anywhere, and this process may read
    what that could not. Raises HopelessError, StorageError."""
    file = folder / name
    with storage_errors(file):
        own = folder.resolve()
        is_straight = file.resolve() == own / name and own in file.resolve().parents
        if not is_straight or (file.exists() and not file.is_file()):
            raise HopelessError(f"{name!r} is no file in the run's folder: it leads elsewhere, or is none that is read")
    return file


def _lineage(folder: Path, document: TrainingWorkload) -> Lineage:
    given = task.read(folder)
    start = document.start_from
    return Lineage(
        run=document.run,
        request=document.request,
        network=document.network.name,
        sources=tuple(one.sha256 for one in document.network.files),
        stream=document.stream,
        records=task.records_name(folder / given.shelf, Shelf.open(folder / given.shelf), given),
        seed=document.parameters.seed,
        split_seed=document.split_seed,
        parameters=document.parameters,
        start_from="" if start is None else f"{start.model}/{start.version}",
        packages=packages(document.network.framework),
    )


def packages(framework: Framework) -> dict[str, str]:
    """Versions of what computes."""
    return dict(_packages(framework))


def _packages(framework: Framework) -> Iterator[tuple[str, str]]:
    for name in _PACKAGES[framework]:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            continue
