"""What an online run is to do, as it stands in its folder, for the process that reads and the one that trains.

<folder>/online.json            OnlineTask
<folder>/export.json            ExportTask: what is to become of each version
<folder>/windows/               what was read (windows.py)
<folder>/trained                how far training has come, for the reader
<folder>/checkpoints/           (checkpoints.py)
<folder>/published/<number>/    a version, as a run's folder with its results (publications.py)
"""

from hashlib import sha256
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from agent.training.task import TrainingTask
from shared.documents import decode, digest
from shared.documents.training import Online
from shared.documents.types import Fraction, Message, TopicName
from shared.errors import DocumentError
from shared.storage import storage_errors
from shared.streams.inputs import Input

FILE = "online.json"


class OnlineTask(Message, frozen=True, kw_only=True):
    """`training`: its shelf and rates mean nothing here, and one epoch of a window is all that is learnt from it.

    `announced_ms`: records since then are read, null: all of the topic. `start_from`: a file of weights, relative to
    the folder unless absolute.
    """

    topic: TopicName
    announced_ms: Annotated[int, Meta(ge=0)] | None = None
    input: Input
    online: Online = Online()
    most_rejected: Fraction = 0.01
    training: TrainingTask
    start_from: str | None = None


def read(folder: Path) -> OnlineTask:
    """Raises DocumentError, StorageError."""
    path = folder / FILE
    with storage_errors(path):
        content = path.read_bytes()
    try:
        return decode(content, OnlineTask)
    except DocumentError as error:
        raise DocumentError(f"{error.reason} ({path})", field=error.field) from error


def run_name(given: OnlineTask, source: bytes) -> str:
    """The same for whatever must give the same result of the same windows."""
    parameters = msgspec.structs.replace(given.training.parameters, checkpoint_every_s=0.0)
    training = msgspec.structs.replace(given.training, shelf="", source="", parameters=parameters, progress_every_s=0.0)
    alike = msgspec.structs.replace(given, training=training, most_rejected=0.0)
    return digest([alike, sha256(source).hexdigest()])
