"""Calibration records in three disjoint parts, because what was fitted on a record is not tested on it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agent.training.exiting.risk import require_enough

# One number an exit is soon fitted, and an order soon found: what proves the promise is the test.
OF_TEMPERATURE, OF_PATH = 0.1, 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Rows of the calibration records, each in exactly one part and in order."""

    temperature: NDArray[np.intp]
    path: NDArray[np.intp]
    test: NDArray[np.intp]


def parted(
    records: int,
    *,
    seed: int,
    risk: float,
    confidence: float,
    of_temperature: float = OF_TEMPERATURE,
    of_path: float = OF_PATH,
) -> Parts:
    """By lot, whatever order the records came in. The test gets what the two other shares leave.

    Raises SettingsError when the test's part is too small to prove the risk.
    """
    of_test = 1 - of_temperature - of_path
    if min(of_temperature, of_path, of_test) <= 0:
        raise ValueError(f"{of_temperature:g} and {of_path:g} of the records leave no part for the test, or are none")
    fitted, ordered = (max(1, int(records * share)) for share in (of_temperature, of_path))
    require_enough(max(0, records - fitted - ordered), risk=risk, confidence=confidence, of_all=of_test)
    lots = np.random.default_rng(seed).permutation(records).astype(np.intp)
    temperature, path, test = (np.sort(part) for part in np.split(lots, [fitted, fitted + ordered]))
    return Parts(temperature=temperature, path=path, test=test)
