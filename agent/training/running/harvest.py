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
from agent.training.running.outcome import CrashedError
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


def harvested(folder: Path, document: TrainingWorkload) -> Harvest:
    """Reads and digests files. Raises CrashedError where something is missing, StorageError, DocumentError."""
    trained = _left(folder / "done", Results, "training")
    exported = _left(folder / "exported", Exported, "exporting")
    with storage_errors(folder / MANIFEST):
        manifest = decode((folder / MANIFEST).read_bytes(), ModelManifest)
    artifacts = {one.sha256: folder / one.file for sub_model in manifest.sub_models for one in sub_model.artifacts}
    beside = {name: sha for name, sha in exported.files.items() if name != MANIFEST and sha not in artifacts}
    files = tuple(_run_files(folder, {**trained.files, **beside}))
    result = RunResult(
        attempt=document.attempt,
        manifest=manifest,
        lineage=_lineage(folder, document),
        epochs=trained.epochs,
        exits=trained.exits,
        test=scores(trained.test),
        files=files,
    )
    return Harvest(result=result, uploads={**artifacts, **{one.sha256: folder / one.name for one in files}})


def require_trained(folder: Path) -> None:
    """Before anything is made of it. Raises CrashedError, StorageError."""
    _left(folder / "done", Results, "training")


def _left(path: Path, kind: type[T], what: str) -> T:
    """Whoever ends with 0 has written it, unless the network's own code ended the process."""
    try:
        content = checked_file.read(path)
        if content is not None:
            return decode(content, kind)
    except (checked_file.DamagedFileError, DocumentError) as error:
        raise CrashedError(f"{what} ended without a result: {error}") from error
    raise CrashedError(f"{what} ended without a result: does the network's code end its process?")


def _run_files(folder: Path, digests: Mapping[str, str]) -> Iterator[RunFile]:
    for name, sha256 in sorted(digests.items()):
        with storage_errors(folder / name):
            yield RunFile(name=name, sha256=sha256, size_bytes=(folder / name).stat().st_size)


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
        packages=dict(_packages(document.network.framework)),
    )


def _packages(framework: Framework) -> Iterator[tuple[str, str]]:
    for name in _PACKAGES[framework]:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            continue
