"""What a run or a federation left behind, fetched by name."""

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeVar

from shared.client import Client, Progress
from shared.documents import RunFile, RunView, decode
from shared.documents.federation_workloads import FederationView
from shared.errors import ControlPlaneError, DocumentError, SettingsError, StorageError

if TYPE_CHECKING:
    from agent.training.judging.judgements import Judgements
    from agent.training.results import History

T = TypeVar("T")
JUDGEMENTS, HISTORY = "judgements.json", "history.json"


def silent(name: str, arrived: int, total: int) -> None:
    """The progress of small files."""


def judgements(client: Client, of: RunView | FederationView) -> "Judgements | None":
    """None where it has none: nothing is tested yet, or there was no test part."""
    from agent.training.judging.judgements import Judgements

    return _document(client, of, JUDGEMENTS, Judgements)


def history(client: Client, run: RunView) -> "History | None":
    """None where there is none yet."""
    from agent.training.results import History

    return _document(client, run, HISTORY, History)


def required_judgements(client: Client, run: RunView) -> "Judgements":
    """Raises SettingsError where the run has none."""
    found = judgements(client, run)
    if found is None:
        why = "its stream has no test part" if run.state == "finished" else f"it is {run.state}"
        raise SettingsError(f"run {run.id} was not judged: {why}")
    return found


def labels(client: Client, run: RunView) -> tuple[str, ...]:
    """The names of its classes, from the last version it published; none where nothing has them."""
    if not run.versions:
        return ()
    last = run.versions[-1]
    try:
        return client.models.get(last.model, last.version).manifest.labels
    except ControlPlaneError as error:
        if error.status == 404:
            return ()
        raise


def fetch(client: Client, files: Iterable[RunFile], folder: Path, *, progress: Progress = silent) -> tuple[Path, ...]:
    """Each under its name, verified. Raises StorageError, ControlPlaneError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"{folder}: {error.strerror}") from error
    return tuple(client.artifacts.download(one.sha256, folder / one.name, progress=progress) for one in files)


def _document(client: Client, of: RunView | FederationView, name: str, kind: type[T]) -> T | None:
    file = next((one for one in of.files if one.name == name), None)
    if file is None:
        return None
    with TemporaryDirectory(prefix="fogline-run-") as folder:
        (path,) = fetch(client, [file], Path(folder))
        content = path.read_bytes()
    try:
        return decode(content, kind)
    except DocumentError as error:
        whose = f"run {of.id}" if isinstance(of, RunView) else f"federation {of.federation.name}"
        raise DocumentError(f"in {name} of {whose}: {error.reason}", field=error.field) from error
