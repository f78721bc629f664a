"""What a run leaves behind, and that it is all there.

<folder>/weights.npz        the network's, as numpy reads them
<folder>/description.json   Description
<folder>/judgements.json    Judgements, where there was a test part
<folder>/history.json       History
<folder>/done               Results, behind its checksum: written last, so the others are whole where it is
"""

from hashlib import file_digest
from pathlib import Path

from msgspec import field

from agent import checked_file
from agent.training import array_file
from agent.training.fitting.learner import Arrays
from agent.training.fitting.scores import Score
from agent.training.fitting.standing import EpochScores
from agent.training.judging.judgements import Judgements
from shared.documents import Description, decode, encode
from shared.documents.types import Message
from shared.errors import DocumentError
from shared.storage import replace_file, storage_errors

_DONE = "done"


class History(Message, frozen=True, kw_only=True):
    """The curves. `best`: the index of the epoch whose loss on the validation part was least; null without that part.

    Of all epochs, or of those since the last change in what learns or from what. The weights are that epoch's with
    early stopping, else the last one's.
    """

    exits: tuple[str, ...]
    epochs: tuple[EpochScores, ...]
    best: int | None


class Results(Message, frozen=True, kw_only=True):
    """`files`: SHA-256 by name; `test`: by exit, of which `exits` has the order.

    `records`: labelled ones that were trained on; `steps`: on them, over all epochs. `validation`: of the epoch whose
    weights these are.
    """

    run: str
    epochs: int
    exits: tuple[str, ...]
    test: dict[str, Score]
    files: dict[str, str]
    records: int = 0
    steps: int = 0
    validation: dict[str, Score] = field(default_factory=dict)


def write(
    folder: Path,
    run: str,
    *,
    weights: Arrays,
    description: Description,
    judgements: Judgements | None,
    history: History,
    test: dict[str, Score],
    records: int = 0,
    steps: int = 0,
    validation: dict[str, Score] | None = None,
) -> Results:
    """Each in one step, the last of them after all others. Raises StorageError."""
    documents = {"description.json": description, "judgements.json": judgements, "history.json": history}
    given = {name: document for name, document in documents.items() if document is not None}
    array_file.write(folder / "weights.npz", weights)
    for name, document in given.items():
        replace_file(folder / name, encode(document))
    files = {name: _digest(folder / name) for name in ("weights.npz", *given)}
    results = Results(
        run=run,
        epochs=len(history.epochs),
        exits=history.exits,
        test=test,
        files=files,
        records=records,
        steps=steps,
        validation=validation or {},
    )
    checked_file.write(folder / _DONE, encode(results))
    return results


def found(folder: Path, run: str) -> Results | None:
    """What an earlier process has finished; None where anything of it is missing or damaged: it can be made again.

    Raises DocumentError when it is another run's, StorageError.
    """
    try:
        content = checked_file.read(folder / _DONE)
    except checked_file.DamagedFileError:
        return None
    if content is None:
        return None
    results = decode(content, Results)
    if results.run != run:
        raise DocumentError(
            f"{folder} holds the results of a run with another source, stream or parameters: "
            "give this run a folder of its own"
        )
    is_whole = all(_digest(folder / name) == digest for name, digest in results.files.items())
    return results if is_whole else None


def _digest(path: Path) -> str:
    """Empty where there is no such file."""
    with storage_errors(path):
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
