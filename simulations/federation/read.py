"""A federation's experiment from its file."""

import tomllib
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import msgspec

from agent.federation.aggregation.strategies import strategy
from shared.documents.codec import document_error
from shared.errors import DocumentError, SettingsError
from simulations.experiment.quantities import from_document
from simulations.federation.document import FederationExperiment


@dataclass(frozen=True, slots=True, kw_only=True)
class FederationFile:
    """`digest`: SHA-256 of the file's bytes, hexadecimal; other paths in it begin at `folder`."""

    experiment: FederationExperiment
    text: str
    digest: str
    folder: Path


def load(path: Path) -> FederationFile:
    """Raises SettingsError when the file cannot be read, DocumentError with file and field when it is wrong."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from error
    try:
        text = raw.decode()
        experiment = parse(text)
    except UnicodeDecodeError as error:
        raise DocumentError(f"{path} is not UTF-8: {error}") from error
    except DocumentError as error:
        raise DocumentError(f"{error.reason} (in {path})", field=error.field) from error
    return FederationFile(
        experiment=experiment, text=text, digest=sha256(raw).hexdigest(), folder=path.resolve().parent
    )


def parse(text: str) -> FederationExperiment:
    """Raises DocumentError with the path of the offending field."""
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise DocumentError(f"not TOML: {error}") from error
    try:
        experiment = msgspec.convert(document, FederationExperiment, dec_hook=from_document)
    except msgspec.ValidationError as error:
        raise document_error(str(error)) from error
    _require_sound(experiment)
    return experiment


def _require_sound(experiment: FederationExperiment) -> None:
    """What no field can say of itself."""
    try:
        by = strategy(experiment.strategy.name, experiment.strategy.parameters)
    except SettingsError as error:
        raise DocumentError(str(error), field="strategy") from error
    if experiment.rounds.updates > experiment.sites:
        raise DocumentError(
            f"a round waits for {experiment.rounds.updates} updates, and {experiment.sites} sites have one place each",
            field="rounds.updates",
        )
    if by.least > experiment.sites:
        raise DocumentError(
            f"{experiment.strategy.name} takes {by.least} updates to a step, and there are {experiment.sites} sites",
            field="strategy",
        )
