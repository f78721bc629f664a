"""The sample: one JSON line a window, the record as its sensor sends it and beside it what was wrong.

A deployment reads such a record by the decoder `json` with the field `vibration`.
"""

import json
from pathlib import Path

import numpy as np

from examples.sensor.machine import CONDITIONS, Windows

FIELD = "vibration"


def write(windows: Windows, path: Path) -> None:
    with path.open("w", encoding="utf-8") as lines:
        for vibration, condition in zip(windows.vibrations, windows.conditions, strict=True):
            values = [[round(float(axis), 3) for axis in moment] for moment in vibration]
            line = {"label": CONDITIONS[condition], "record": {FIELD: values}}
            lines.write(json.dumps(line, separators=(",", ":")) + "\n")


def read(path: Path) -> Windows:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return Windows(
        np.array([line["record"][FIELD] for line in lines], np.float32),
        np.array([CONDITIONS.index(line["label"]) for line in lines], np.int32),
    )
