"""Versions an online run has published: each a run's folder of its own, as a run with an end leaves it behind.

    <folder>/published/<number>/    task.json, shelf/ with the window it was judged on last, and what results.py says
    <folder>/handed-in              number of the last one that somebody has taken over

The weights have never learnt from the records of the shelf: half of its split validates, half of it is there to
calibrate on.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

import msgspec

from agent import checked_file
from agent.checked_file import DamagedFileError
from agent.training import results, task
from agent.training.examination import judged, scores
from agent.training.fitting.examples import Examples
from agent.training.fitting.learner import Learner
from agent.training.fitting.standing import EpochScores
from agent.training.online.windows import Window
from agent.training.opening import opened
from agent.training.reading.shelf_writer import ShelfWriter
from agent.training.results import History, Results
from agent.training.task import TierSource, TrainingTask
from shared.documents import Description, Rates, encode
from shared.storage import replace_file, storage_errors

_RATES = Rates(validation=0.5, test=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    number: int
    folder: Path
    results: Results


def publish(
    folder: Path,
    number: int,
    *,
    training: TrainingTask,
    topic: str,
    window: Window,
    learner: Learner,
    examples: Examples,
    description: Description,
    curve: tuple[EpochScores, ...],
) -> None:
    """All of it is there on return, however often it was begun. Raises StorageError, ModelError."""
    place = _place(folder, number)
    if _found(place) is not None:
        return
    with storage_errors(place):
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(mode=0o700, parents=True)
    _shelve(place / "shelf", topic, window)
    own = msgspec.structs.replace(training, shelf="shelf", source=_from_within(training), rates=_RATES)
    replace_file(place / task.FILE, encode(own))
    run = opened(place)
    judgements = judged(
        learner,
        examples,
        examples.training,
        outputs=description.exits[-1].output.elements,
        test_set=run.records,
        batch=training.parameters.batch,
    )
    results.write(
        place,
        run.name,
        weights=learner.weights(),
        description=description,
        judgements=judgements,
        history=History(exits=learner.exits, epochs=curve, best=None),
        test=scores(judgements),
    )


def waiting(folder: Path) -> list[Publication]:
    """Those nobody has taken over, the oldest first. Raises StorageError."""
    with storage_errors(folder):
        places = sorted(one for one in (folder / "published").glob("*") if one.name.isdigit())
    found = [(int(one.name), one, _found(one)) for one in places if int(one.name) > _handed_in(folder)]
    return [Publication(number=number, folder=one, results=whole) for number, one, whole in found if whole is not None]


def hand_in(folder: Path, number: int) -> None:
    """It and those before it are taken over, and take no room any more. Raises StorageError."""
    checked_file.write(folder / "handed-in", str(number).encode())
    with storage_errors(folder):
        for one in (folder / "published").glob("*"):
            if one.name.isdigit() and int(one.name) <= number:
                shutil.rmtree(one, ignore_errors=True)


def _handed_in(folder: Path) -> int:
    try:
        return int(checked_file.read(folder / "handed-in") or b"0")
    except DamagedFileError:
        # Taken over twice, a version is one.
        return 0


def _found(place: Path) -> Results | None:
    return results.found(place, opened(place).name) if (place / "done").is_file() else None


def _shelve(place: Path, topic: str, window: Window) -> None:
    inputs, labels = window.specs
    with ShelfWriter.open(place, inputs=inputs, labels=labels) as writer:
        # Rows of several Kafka partitions: where they lie in the log is not to be told from them.
        writer.append((topic, 0), window.inputs, window.labels, position=len(window.inputs))


def _from_within(training: TrainingTask) -> str | tuple[TierSource, ...]:
    if isinstance(training.source, str):
        return str(Path("..", "..", training.source))
    return tuple(msgspec.structs.replace(one, file=str(Path("..", "..", one.file))) for one in training.source)


def _place(folder: Path, number: int) -> Path:
    return folder / "published" / f"{number:08}"
