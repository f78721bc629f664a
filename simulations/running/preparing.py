"""What one turn's clients send and when, from the experiment file and the files it names."""

from itertools import accumulate
from pathlib import Path

import numpy as np

from shared.errors import DocumentError
from simulations.demo.feed import Sample
from simulations.experiment.arrivals import due_times
from simulations.experiment.document import Experiment
from simulations.experiment.files import example, sample_file
from simulations.experiment.planting import Indices, images, leaving
from simulations.experiment.read import trace
from simulations.experiment.turns import Turn
from simulations.running.repetition import Repetition


def prepared(turn: Turn, folder: Path) -> Repetition:
    """Raises SettingsError and DocumentError for files that are not there or unfit."""
    experiment, load = turn.cell.experiment, turn.cell.experiment.load
    times = trace(load, folder)
    due_s = [due_times(load, client, turn.seed, trace=times).tolist() for client in range(load.clients)]
    sample = sample_file(experiment.network, folder)
    chosen = _images(experiment, Sample.load(sample), sum(map(len, due_s)), turn).tolist()
    return Repetition(
        name=f"c{turn.cell.index}-r{turn.repetition}",
        experiment=experiment,
        example=example(experiment.network, folder),
        sample=sample,
        due_s=due_s,
        images=[chosen[end - len(some) : end] for some, end in zip(due_s, accumulate(map(len, due_s)), strict=True)],
        seed=turn.seed,
    )


def _images(experiment: Experiment, sample: Sample, records: int, turn: Turn) -> Indices:
    """As planted, or all of the sample in turn."""
    planted = experiment.network.planted
    if planted is None:
        return np.arange(records, dtype=np.int64) % len(sample.labels)
    if sample.leaves is None:
        raise DocumentError("needs a sample that says with `leaves` where images leave", field="network.planted")
    tiers = leaving(planted.shares, records, repetition=turn.repetition, seed=turn.seed)
    try:
        return images(np.asarray(sample.leaves), tiers)
    except ValueError as error:
        raise DocumentError(str(error), field="network.planted") from error
