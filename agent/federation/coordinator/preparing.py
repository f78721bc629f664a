"""A coordinator's folder made ready for the network's processes, as a run's is."""

from pathlib import Path

from agent.training.exporting import task as exporting
from agent.training.exporting.task import ExportTask
from agent.training.running.preparing import task_source
from agent.training.task import FILE, TrainingTask
from shared.documents import Rates, encode
from shared.documents.federation_workloads import CoordinatorWorkload
from shared.storage import replace_file


def place_tasks(
    folder: Path, document: CoordinatorWorkload, *, shelf: Path | None, rates: Rates | None, weights: Path | None
) -> None:
    """`shelf` None: nothing is judged, and so nothing exported. Raises StorageError."""
    federation = document.federation
    training = TrainingTask(
        shelf="" if shelf is None else shelf.name,
        source=task_source(document.network.files),
        framework=document.network.framework,
        task=federation.task,
        classes=federation.classes,
        parameters=federation.parameters,
        rates=rates or Rates(),
        split_seed=federation.split_seed,
        start_from=None if weights is None else str(weights),
        threads=federation.threads,
    )
    replace_file(folder / FILE, encode(training))
    if shelf is not None:
        order = ExportTask(model=document.network.name, labels=federation.labels, export=federation.export)
        replace_file(folder / exporting.FILE, encode(order))
