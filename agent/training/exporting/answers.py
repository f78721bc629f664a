"""What every exit of the deployed chain gives for labelled records, left behind for those who choose thresholds."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.training import array_file
from agent.training.exporting.chain import Chain
from agent.training.exporting.tiers import RESERVED
from agent.training.fitting.examples import truth_of
from agent.training.reading import batches
from agent.training.reading.batches import RowNumbers
from agent.training.reading.shelf import Shelf
from shared.documents import SubModel, Task


def write(path: Path, chain: Chain, shelf: Shelf, part: RowNumbers, *, task: Task, batch: int) -> None:
    """`labels`, then `[n, *exit]` for each tier with an exit, from the sensor up. Raises ModelError, StorageError."""
    labels: list[NDArray[Any]] = []
    exits: dict[str, list[NDArray[Any]]] = {one.tier: [] for one in _answering(chain)}
    for inputs, truth in batches.in_order(shelf, part, batch=batch):
        labels.append(truth_of(truth, task))
        for tier, answers in chain.answers(inputs).items():
            exits[tier].append(answers)
    array_file.write(
        path, {RESERVED: np.concatenate(labels), **{tier: np.concatenate(rows) for tier, rows in exits.items()}}
    )


def _answering(chain: Chain) -> Sequence[SubModel]:
    return [sub_model for sub_model, _ in chain.tiers if sub_model.exit is not None]
