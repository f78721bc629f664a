"""From what a trainer left to an update that is sealed: under its number nothing else is ever sent.

<outgoing>/content        as it travels
<outgoing>/lost.npz       what its encoding leaves for the next one
<outgoing>/control.npz    the control variate that the site has once it was sent
<outgoing>/manifest       behind its checksum, written last: where it is, the others are whole
"""

import os
import shutil
from hashlib import file_digest
from pathlib import Path

import numpy as np

from agent import checked_file
from agent.federation.aggregation.strategy import Local
from agent.federation.encoding.encodings import encoding
from agent.federation.encoding.feedback import encoded
from agent.federation.encoding.update import packed
from agent.federation.participant.change import change, control_change, moved, private
from agent.federation.participant.places import Places
from agent.federation.participant.training_task import metrics
from agent.federation.weights import Weights
from agent.federation.wire.manifests import UpdateManifest, to_bytes, update_manifest
from agent.federation.wire.publishing import content_of
from agent.training import array_file
from agent.training.fitting.scores import Score
from agent.training.results import Results
from agent.training.running.harvest import own_file, trained
from agent.training.running.outcome import HopelessError
from shared.documents.federation import EncodingKind, Federation
from shared.documents.federation_workloads import ParticipantWorkload
from shared.errors import DocumentError
from shared.storage import storage_errors

_SEED_BYTES = 32
_MORE_THAN_THE_BASE = 4
"""A network's own counters, and moments that somebody keeps as weights, beside what takes part."""
_ANYWAY_BYTES = 2**26


def seal(
    places: Places, document: ParticipantWorkload, local: Local, *, participant: str, base: int, number: int
) -> None:
    """Raises UnlikeError for weights that cannot be sent, CrashedError, HopelessError, StorageError."""
    federation, results = document.federation, trained(places.attempt)
    if results.records < federation.requirements.records:
        raise HopelessError(
            f"an update of model {base} was given up: {results.records:,} records were left to train on, and "
            f"{federation.requirements.records:,} are asked for"
        )
    start = array_file.read(places.base)
    most = _MORE_THAN_THE_BASE * sum(one.nbytes for one in start.values()) + _ANYWAY_BYTES
    changed = change(array_file.read(own_file(places.attempt, "weights.npz"), most_bytes=most), start)
    _make_anew(places.outgoing)
    control = _control(places, federation, local, changed, start, results.steps)
    raw = _encoded(places, federation, changed, control)
    _write(places.outgoing / "content", raw)
    manifest = UpdateManifest(
        federation=federation.name,
        edition=document.edition,
        participant=participant,
        number=number,
        base=base,
        encoding=federation.encoding.kind.value,
        records=results.records,
        steps=results.steps,
        content=content_of(raw),
        metrics=_metrics(federation.metrics, results),
    )
    checked_file.write(places.outgoing / "manifest", to_bytes(manifest))


def sealed(places: Places) -> UpdateManifest | None:
    """None where there is none that is whole. Raises StorageError."""
    try:
        raw = checked_file.read(places.outgoing / "manifest")
        manifest = None if raw is None else update_manifest(raw)
    except (checked_file.DamagedFileError, DocumentError):
        return None
    content = places.outgoing / "content"
    with storage_errors(content):
        if manifest is None or not content.is_file():
            return None
        with content.open("rb") as file:
            is_whole = file_digest(file, "sha256").hexdigest() == manifest.content.sha256
    return manifest if is_whole else None


def settle(places: Places) -> None:
    """It was sent: what it leaves for the next one takes its place. May be done again. Raises StorageError."""
    for place in (places.lost, places.control):
        left = places.outgoing / place.name
        with storage_errors(left):
            if left.exists():
                left.replace(place)


def remove(places: Places) -> None:
    """What is left of an update that is over, sent or not. Raises StorageError."""
    for folder in (places.outgoing, places.attempt):
        with storage_errors(folder):
            if folder.exists():
                shutil.rmtree(folder)


def forget(places: Places) -> None:
    """All that updates have left for the next ones: of another edition's it is of no use. Raises StorageError."""
    remove(places)
    for file in (places.lost, places.control):
        with storage_errors(file):
            file.unlink(missing_ok=True)
    with storage_errors(places.models):
        if places.models.exists():
            shutil.rmtree(places.models)


def _encoded(places: Places, federation: Federation, changed: Weights, control: Weights) -> bytes:
    asked = encoding(federation.encoding)
    leaving = private(changed, federation.privacy, seed=os.urandom(_SEED_BYTES))
    if federation.encoding.kind is EncodingKind.FLOAT32:
        return packed(asked.encode(leaving), control)
    tensors, lost = encoded(asked, leaving, _kept(places.lost))
    array_file.write(places.outgoing / places.lost.name, {name: np.asarray(one) for name, one in lost.items()})
    return packed(tensors, control)


def _control(
    places: Places, federation: Federation, local: Local, changed: Weights, start: Weights, steps: int
) -> Weights:
    if not local.controls:
        return {}
    handed_down = array_file.read(places.handed_down)
    rate = federation.parameters.optimiser.learning_rate
    by = control_change(changed, handed_down, steps=steps, rate=rate, base=start)
    array_file.write(places.outgoing / places.control.name, moved(_kept(places.control), by))
    return by


def _kept(file: Path) -> Weights:
    """What is damaged is lost, which costs that much of its learning and no more. Raises StorageError."""
    try:
        return array_file.read(file) if file.exists() else {}
    except checked_file.DamagedFileError:
        return {}


def _metrics(named: tuple[str, ...], results: Results) -> dict[str, float]:
    """Of the test part where there is one, else of the validation part."""
    found: dict[str, Score] = results.test or results.validation
    return metrics(named, {exit: {"loss": one.loss, "accuracy": one.accuracy} for exit, one in found.items()})


def _make_anew(folder: Path) -> None:
    with storage_errors(folder):
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(mode=0o700)


def _write(path: Path, content: bytes) -> None:
    """On the disk before anything speaks of it."""
    with storage_errors(path), path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
