"""Experiments from plain tables and back, so that a sweep can change any of their settings."""

from collections.abc import Mapping
from typing import Any

import msgspec

from shared.documents.codec import document_error
from shared.errors import DocumentError
from simulations.experiment.document import Experiment
from simulations.experiment.quantities import Bandwidth, Duration, Rate, Share, from_document


def decode(document: Mapping[str, Any]) -> Experiment:
    """Strictly; raises DocumentError with the path of the offending field."""
    try:
        return msgspec.convert(document, Experiment, dec_hook=from_document)
    except msgspec.ValidationError as error:
        raise document_error(str(error)) from error
    except RecursionError as error:
        raise DocumentError("nested too deeply") from error


def encode(experiment: Experiment) -> dict[str, Any]:
    """What `decode` makes the same experiment from. Quantities stay as they are: their text would round them."""
    document: dict[str, Any] = msgspec.to_builtins(experiment, builtin_types=(Bandwidth, Duration, Rate, Share))
    return document
