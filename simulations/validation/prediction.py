"""What the model says of turns that were really run. Pure."""

import numpy as np
from numpy.typing import NDArray

from simulations.experiment.document import Experiment
from simulations.measurement.columns import Columns
from simulations.measurement.run_folder import Tables
from simulations.model.service import ServiceTimes
from simulations.model.simulation import simulate
from simulations.validation.parts import Part

Trace = NDArray[np.float64]


def predicted(part: Part, service: ServiceTimes, *, trace: Trace | None = None) -> Tables:
    """With the arrivals of each turn, and each record leaving where it left: that is given to a model, not found by it.

    Raises as `simulate` does.
    """
    experiment, cell = part.cell.experiment, part.cell.index
    return Tables.joined(
        [
            simulate(
                experiment,
                service,
                cell=cell,
                repetition=number,
                trace=trace,
                leaves=leaves(experiment, one.records),
            ).tables(cell=cell, repetition=number)
            for number, one in zip(part.numbers, part.repetitions, strict=True)
        ]
    )


def leaves(experiment: Experiment, records: Columns) -> NDArray[np.int64]:
    """The index of the tier that answered each record, by client and number; -1 where none did or one had to."""
    index = {tier.name: number for number, tier in enumerate(experiment.tiers)}
    order = np.lexsort((records["number"], records["client"]))
    found = np.array([index.get(tier, -1) for tier in records["tier"][order].tolist()], dtype=np.int64)
    return np.where(records["degraded"][order], -1, found)
