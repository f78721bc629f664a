"""What anyone needs to run an experiment again, and what a resumed run must agree with."""

from pathlib import Path

import msgspec

from shared.documents import Message
from shared.errors import SettingsError
from shared.storage import replace_file, storage_errors
from simulations.bench.machine import describe
from simulations.bench.report import Machine
from simulations.running.code import commit, digest

FILE = "manifest.json"


class Manifest(Message, frozen=True, kw_only=True):
    """`experiment_digest` is of the file, `code_digest` of Fogline's own source, `commit` where that came from as
    far as git knows; `began` is UTC in ISO 8601."""

    name: str
    experiment_digest: str
    code_digest: str
    seed: int
    repetitions: int
    began: str
    commit: str | None = None
    machine: Machine


def made(*, name: str, experiment_digest: str, seed: int, repetitions: int, began: str) -> Manifest:
    return Manifest(
        name=name,
        experiment_digest=experiment_digest,
        code_digest=digest(),
        seed=seed,
        repetitions=repetitions,
        began=began,
        commit=commit(),
        machine=describe(),
    )


def agreed(run: Path, manifest: Manifest) -> Manifest:
    """The run's own manifest, or this one in a new folder. Raises SettingsError when results would be mixed."""
    file = run / FILE
    with storage_errors(run):
        run.mkdir(parents=True, exist_ok=True)
        known = file.read_bytes() if file.exists() else None
    if known is None:
        replace_file(file, msgspec.json.format(msgspec.json.encode(manifest)))
        return manifest
    try:
        before = msgspec.json.decode(known, type=Manifest)
    except msgspec.DecodeError as error:
        raise SettingsError(f"{run} holds something else, not a run: choose another folder with --out") from error
    if before.experiment_digest != manifest.experiment_digest:
        raise SettingsError(f"{run} holds results of another experiment file: choose another folder with --out")
    if before.code_digest != manifest.code_digest:
        raise SettingsError(f"{run} holds results of another version of the code: choose another folder with --out")
    return before
