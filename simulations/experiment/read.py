"""Experiment files, and the traces they name, from disk."""

import tomllib
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.errors import DocumentError, SettingsError
from simulations.experiment.codec import decode
from simulations.experiment.document import Arrivals, Experiment, Load
from simulations.experiment.sweep import flat


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentFile:
    """`digest` is the SHA-256 of the file's bytes, hexadecimal; other paths in it begin at `folder`."""

    experiment: Experiment
    text: str
    digest: str
    folder: Path


def load(path: Path) -> ExperimentFile:
    """Raises SettingsError when the file cannot be read, DocumentError with file and field when it is wrong."""
    raw = _bytes(path)
    try:
        text = raw.decode()
        experiment = parse(text)
    except UnicodeDecodeError as error:
        raise DocumentError(f"{path} is not UTF-8: {error}") from error
    except DocumentError as error:
        raise DocumentError(f"{error.reason} (in {path})", field=error.field) from error
    return ExperimentFile(
        experiment=experiment, text=text, digest=sha256(raw).hexdigest(), folder=path.resolve().parent
    )


def parse(text: str) -> Experiment:
    """Raises DocumentError. Settings of a sweep may also be written without quotes, as TOML's nested tables."""
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise DocumentError(f"not TOML: {error}") from error
    return decode(_with_flat_settings(document))


def trace(load: Load, folder: Path) -> NDArray[np.float64] | None:
    """The seconds of a load's trace in ascending order; None where its arrivals come from no trace.

    Raises SettingsError when the file cannot be read, DocumentError when it holds anything but times.
    """
    if load.arrivals is not Arrivals.TRACE or load.trace is None:
        return None
    path = folder / load.trace
    times = np.array([_seconds(line, path, number) for number, line in enumerate(_lines(path), 1) if line.strip()])
    if not times.size:
        raise DocumentError(f"{path} holds no times", field="load.trace")
    return np.sort(times.astype(np.float64))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from error


def _lines(path: Path) -> list[str]:
    return _bytes(path).decode(errors="replace").splitlines()


def _seconds(line: str, path: Path, number: int) -> float:
    try:
        seconds = float(line)
    except ValueError:
        seconds = np.nan
    if not (np.isfinite(seconds) and seconds >= 0):
        raise DocumentError(f"line {number} of {path} is no time in seconds: {line.strip()!r}", field="load.trace")
    return seconds


def _with_flat_settings(document: dict[str, Any]) -> dict[str, Any]:
    match document.get("sweep"):
        case {**sweep}:
            grid, entries = sweep.get("grid", {}), sweep.get("list", [])
            if isinstance(grid, dict):
                sweep["grid"] = _lists(flat(grid))
            if isinstance(entries, list):
                sweep["list"] = [flat(entry) if isinstance(entry, dict) else entry for entry in entries]
            return {**document, "sweep": sweep}
    return document


def _lists(grid: dict[str, object]) -> dict[str, object]:
    for path, values in grid.items():
        if not isinstance(values, list):
            raise DocumentError("needs a list of values", field=f"sweep.grid.{path}")
    return grid
