"""Readings of sensors in rooms that are empty, used or crowded, made from a seed.

`python -m examples.rooms.readings FOLDER` writes readings.csv, to train on, and new.jsonl, to ask about.
"""

import argparse
import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from examples.arguments import positive

LABELS = ("crowded", "empty", "used")
"""In the order that `fogline streams send` numbers them: sorted."""
PEOPLE = {"empty": (0, 1), "used": (1, 5), "crowded": (5, 20)}


class Reading(NamedTuple):
    temperature: float
    """Celsius"""
    humidity: float
    """percent"""
    light: float
    """lux"""
    co2: float
    """parts in a million"""
    noise: float
    """decibels"""


def readings(count: int, *, seed: int) -> Iterator[tuple[Reading, str]]:
    """People warm a room, breathe and talk, but for some minutes only: and windows, sun and machines do as much."""
    random = np.random.default_rng(seed)
    for _ in range(count):
        label = str(random.choice(LABELS))
        people = random.integers(*PEOPLE[label])
        minutes, open_windows, sun = random.uniform(5, 60), random.random() < 0.2, random.exponential(100)
        breath = people * minutes * (0.2 if open_windows else 1)
        found = (
            21 + 0.004 * breath + 0.004 * sun + random.normal(0, 0.8),
            42 + 0.02 * breath + random.normal(0, 4),
            sun + (random.random() < (0.9 if people else 0.2)) * random.normal(300, 40),
            430 + 2.5 * breath + random.normal(0, 50),
            34 + 8 * np.log2(1 + people) * random.uniform(0.4, 1) + random.normal(0, 3),
        )
        yield Reading(*(round(max(0.0, float(one)), 1) for one in found)), label


def write_table(path: Path, *, count: int) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow((*Reading._fields, "people"))
        table.writerows((*reading, label) for reading, label in readings(count, seed=0))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m examples.rooms.readings", description=__doc__)
    parser.add_argument("into", type=Path, metavar="FOLDER", help="for readings.csv and new.jsonl")
    parser.add_argument("--count", type=positive, default=6000, help="of readings.csv; new.jsonl has 500")
    given = parser.parse_args()
    given.into.mkdir(parents=True, exist_ok=True)
    write_table(given.into / "readings.csv", count=given.count)
    with (given.into / "new.jsonl").open("w", encoding="utf-8") as file:
        for reading, label in readings(500, seed=1):
            file.write(json.dumps({"label": LABELS.index(label), "record": list(reading)}) + "\n")


if __name__ == "__main__":
    main()
