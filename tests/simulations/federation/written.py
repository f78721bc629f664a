"""A federation small enough to be run in seconds: two clouds of points, a network of one layer."""

from pathlib import Path

import numpy as np

NETWORK = """
import torch
from torch import nn


class Points(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 2)

    def forward(self, points):
        return {"cloud": nn.functional.softmax(self.layer(points.float()), 1)}


def network():
    return Points(), torch.zeros(2, 2)
"""
TEXT = """
name = "points"
sites = 4
seeds = [1, 2]
network = "points.py"
data = { train = "train.npz", test = "test.npz", split = { kind = "few-classes", classes = 1 } }
training = { steps = 2, batch = 10, optimiser = { name = "sgd", learning_rate = 0.1, momentum = 0.0 } }
strategy = { name = "mifa" }
rounds = { updates = 2 }
stop = { rounds = 30 }
judge_every = 7
"""


def write(folder: Path, text: str = TEXT) -> Path:
    (folder / "points.py").write_text(NETWORK)
    for name, count in (("train", 200), ("test", 100)):
        random = np.random.default_rng(count)
        labels = random.integers(0, 2, count)
        points = random.normal(size=(count, 2)) + 3 * (2 * labels[:, None] - 1)
        np.savez(folder / f"{name}.npz", images=points.astype(np.float32), labels=labels)
    file = folder / "points.toml"
    file.write_text(text)
    return file
