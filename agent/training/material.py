"""What a run is given to learn from and to begin with."""

from pathlib import Path

from agent.training import array_file
from agent.training.fitting.augmentation import Augment, augmentation
from agent.training.fitting.examples import Examples
from agent.training.fitting.guesses import Guesses
from agent.training.fitting.importance import class_importance
from agent.training.fitting.learner import Arrays
from agent.training.fitting.pull import Pull
from agent.training.judging import checks
from agent.training.opening import Run
from agent.training.reading.rates import PARTS, Part
from agent.training.reading.shelf import Shelf
from agent.training.reading.split import Split
from shared.documents import Task
from shared.errors import DocumentError

_BLOCK_ROWS = 2**17


def examples_of(run: Run, parts: Split) -> Examples:
    """The network is loaded. Raises ModelError for its `augment`, DocumentError."""
    is_weighted = run.task.parameters.class_weights
    if is_weighted and run.task.task is not Task.CLASSIFICATION:
        raise DocumentError(f"there are no classes in the task {run.task.task}", field="class_weights")
    if run.task.task is Task.MULTI_LABEL:
        _refuse_other_than_labels(run)
    counts = parts.counts[:, PARTS.index(Part.TRAINING)]
    return Examples(
        rows=run.shelf,
        training=parts.rows[Part.TRAINING],
        validation=parts.rows[Part.VALIDATION],
        task=run.task.task,
        importance=class_importance(counts) if is_weighted else None,
        augment=_augment(run),
    )


def guesses_of(run: Run) -> Guesses | None:
    """Raises DocumentError for unlabelled records of another kind, StorageError."""
    asked, folder = run.task.pseudo_labels, run.task.unlabelled
    if asked is None or folder is None:
        return None
    if run.task.task is not Task.CLASSIFICATION:
        raise DocumentError(f"no exit is sure of a class in the task {run.task.task}", field="pseudo_labels")
    inputs, labelled = Shelf.open(run.folder / folder).inputs, run.shelf.inputs.spec
    if inputs.spec != labelled:
        raise DocumentError(
            f"the unlabelled records are {inputs.spec.dtype} {list(inputs.spec.shape)} and the labelled ones "
            f"{labelled.dtype} {list(labelled.shape)}",
            field="unlabelled",
        )
    return Guesses(folder=run.folder / "guesses", inputs=inputs, asked=asked)


def pull_of(run: Run) -> Pull | None:
    """Raises StorageError where a file is not there, or damaged."""
    asked = run.task.pull
    if asked is None:
        return None
    along = {} if asked.along is None else array_file.read(run.folder / asked.along)
    return Pull(start=start_of(run) or {}, proximal=asked.proximal, along=along)


def start_of(run: Run) -> Arrays | None:
    """Raises StorageError where the file is not there, or damaged."""
    path = run.task.start_from
    return None if path is None else array_file.read(run.folder / path)


def _refuse_other_than_labels(run: Run) -> None:
    for start in range(0, len(run.shelf), _BLOCK_ROWS):
        labels = run.shelf.labels[start : start + _BLOCK_ROWS]
        neither = ((labels != 0) & (labels != 1)).reshape(len(labels), -1).any(axis=1)
        checks.refuse_rows(neither, "neither 0 nor 1, as the labels of a record are", name="labels", first=start)


def _augment(run: Run) -> Augment | None:
    """Of a chain, in the file of the sensor's tier."""
    return augmentation(run.sources if isinstance(run.sources, Path) else next(iter(run.sources.values())))
