"""How a repetition went over time: what was answered, how late, what waited, what was used. Pure.

A moment is the middle of its step, in seconds after the load began; a step in which nothing is known is NaN.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulations.measurement.columns import Columns, chosen
from simulations.measurement.estimators import Floats, Quantile
from simulations.measurement.measures import latencies_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """`begin_us`: when the load began, by the tables' clock."""

    begin_us: int
    step_s: float
    count: int

    @property
    def middles_s(self) -> Floats:
        return (np.arange(self.count, dtype=np.float64) + 0.5) * self.step_s

    def of(self, at_us: NDArray[np.float64] | NDArray[np.int64]) -> NDArray[np.int64]:
        """The step in which each moment lies; -1 before the first, after the last and for what is missing."""
        step = np.floor((at_us - self.begin_us) / (self.step_s * 1e6))
        within = (step >= 0) & (step < self.count)
        return np.where(within, step, -1).astype(np.int64)


def latency_ms(records: Columns, share: float, steps: Steps) -> Floats:
    """A percentile of what was due in each step, infinite where that was lost. Those of the warm-up count too."""
    samples, step = latencies_ms(records), steps.of(records["due_us"])
    found = [np.sort(samples[step == one]) for one in range(steps.count)]
    return np.array([float(Quantile([one], share).at(np.ones((1, 1), dtype=np.int64))[0]) for one in found])


def answered_per_s(records: Columns, steps: Steps) -> Floats:
    return _counted(steps.of(records["answered_us"]), steps) / steps.step_s


def due_per_s(records: Columns, steps: Steps) -> Floats:
    return _counted(steps.of(records["due_us"]), steps) / steps.step_s


def lag(looks: Columns, tier: str, steps: Steps) -> Floats:
    """Records waiting, the mean of a step's looks."""
    mine = chosen(looks, looks["tier"] == tier)
    return _mean(mine["records"].astype(np.float64), steps.of(mine["at_us"]), steps)


def cores(resources: Columns, program: str, steps: Steps) -> Floats:
    """Processor seconds a second, between one look at a program and the next; NaN over a restart."""
    mine = chosen(resources, resources["program"] == program)
    mine = chosen(mine, np.argsort(mine["at_us"], kind="stable"))
    used, seconds = np.diff(mine["cpu_s"]), np.diff(mine["at_us"]) / 1e6
    known = (used >= 0) & (seconds > 0)
    rates = used[known] / seconds[known]
    return _mean(rates, steps.of(mine["at_us"][1:][known]), steps)


def memory_bytes(resources: Columns, program: str, steps: Steps) -> Floats:
    mine = chosen(resources, resources["program"] == program)
    return _mean(mine["rss_bytes"].astype(np.float64), steps.of(mine["at_us"]), steps)


def _counted(step: NDArray[np.int64], steps: Steps) -> Floats:
    return np.bincount(step[step >= 0], minlength=steps.count).astype(np.float64)


def _mean(values: Floats, step: NDArray[np.int64], steps: Steps) -> Floats:
    within = step >= 0
    sums = np.bincount(step[within], weights=values[within], minlength=steps.count)
    counts = _counted(step, steps)
    found: Floats = np.divide(sums, counts, out=np.full(steps.count, np.nan), where=counts > 0)
    return found
