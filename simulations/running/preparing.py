"""What one turn's clients send and when, from the experiment file and the files it names."""

from itertools import accumulate
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shared.errors import DocumentError
from simulations.demo.feed import Sample
from simulations.experiment.arrivals import due_times
from simulations.experiment.document import Experiment
from simulations.experiment.files import example, sample_file
from simulations.experiment.planting import Indices, images, leaving_after_warm_up
from simulations.experiment.read import trace
from simulations.experiment.turns import Turn
from simulations.running.repetition import Repetition


def prepared(turn: Turn, folder: Path) -> Repetition:
    """Raises SettingsError and DocumentError for files that are not there or unfit."""
    experiment, load = turn.cell.experiment, turn.cell.experiment.load
    times = trace(load, folder)
    due_s = [due_times(load, client, turn.seed, trace=times).tolist() for client in range(load.clients)]
    sample = sample_file(experiment.network, folder)
    warm_up = np.concatenate(due_s) < load.warm_up
    chosen = _images(experiment, Sample.load(sample), warm_up, turn).tolist()
    return Repetition(
        name=f"c{turn.cell.index}-r{turn.repetition}",
        experiment=experiment,
        example=example(experiment.network, folder),
        sample=sample,
        due_s=due_s,
        images=[chosen[end - len(some) : end] for some, end in zip(due_s, accumulate(map(len, due_s)), strict=True)],
        seed=turn.seed,
    )


def _images(experiment: Experiment, sample: Sample, warm_up: NDArray[np.bool_], turn: Turn) -> Indices:
    """As planted, or all of the sample in turn, from where the last repetition ended."""
    planted = experiment.network.planted
    if planted is None:
        return (turn.repetition * len(warm_up) + np.arange(len(warm_up), dtype=np.int64)) % len(sample.labels)
    if sample.leaves is None:
        raise DocumentError("needs a sample that says with `leaves` where images leave", field="network.planted")
    tiers = leaving_after_warm_up(planted.shares, warm_up, repetition=turn.repetition, seed=turn.seed)
    try:
        return images(np.asarray(sample.leaves), tiers)
    except ValueError as error:
        raise DocumentError(str(error), field="network.planted") from error
