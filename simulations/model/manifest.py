"""What a modelled run needs to be computed again, to the byte. Nothing in it says when or where that was."""

from hashlib import sha256
from pathlib import Path

import msgspec

from shared.documents import Message
from shared.errors import SettingsError
from shared.storage import replace_file, storage_errors
from simulations.experiment.read import ExperimentFile
from simulations.model.service import ServiceTimes, encode
from simulations.running.code import digest

FILE = "manifest.json"


class ModelManifest(Message, frozen=True, kw_only=True):
    """`modelled` tells a reader that nothing was measured, and where the service times are from. Digests are of the
    experiment file, of Fogline's own source and of the service times."""

    name: str
    modelled: str
    experiment_digest: str
    code_digest: str
    service_digest: str
    seed: int
    repetitions: int


def made(file: ExperimentFile, service: ServiceTimes) -> ModelManifest:
    return ModelManifest(
        name=file.experiment.name,
        modelled=service.measured or "service times of unknown origin",
        experiment_digest=file.digest,
        code_digest=digest(),
        service_digest=sha256(encode(service)).hexdigest(),
        seed=file.experiment.seed,
        repetitions=file.experiment.repetitions,
    )


def agreed(run: Path, manifest: ModelManifest) -> None:
    """Writes it into a new folder. Raises SettingsError when the folder holds anything but results of the same."""
    file, wanted = run / FILE, msgspec.json.format(msgspec.json.encode(manifest))
    with storage_errors(run):
        run.mkdir(parents=True, exist_ok=True)
        known = file.read_bytes() if file.exists() else None
        is_used = known is None and any(run.iterdir())
    if known is None and not is_used:
        replace_file(file, wanted)
    elif known != wanted:
        raise SettingsError(f"{run} holds something else, not results of this model: choose another folder with --out")
