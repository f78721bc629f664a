"""Whether a load was sustained, from the records of one repetition. Pure."""

import numpy as np
from numpy.typing import NDArray

from simulations.experiment.document import Sustained
from simulations.measurement.columns import Columns
from simulations.measurement.measures import counted, latencies_ms

P99 = 0.99
# Of a series of moments: its ends hang on single records.
MIDDLE = (0.05, 0.95)


def holds(records: Columns, sustained: Sustained) -> bool:
    """Whatever is asked for. Records of the warm-up do not count; where no others were sent nothing holds."""
    found = counted(records)
    if not len(found["due_us"]):
        return False
    is_answered = ~np.isnan(found["answered_us"])
    late = sustained.p99 is not None and _p99_s(found) > sustained.p99
    loses = sustained.lost is not None and (~is_answered).mean() > sustained.lost
    lags = sustained.throughput is not None and _throughput(found, is_answered) < sustained.throughput
    return not (late or loses or lags)


def _p99_s(found: Columns) -> float:
    ordered = np.sort(latencies_ms(found))
    return float(ordered[int(np.ceil(P99 * len(ordered))) - 1]) / 1e3


def _throughput(found: Columns, is_answered: NDArray[np.bool_]) -> float:
    """A share of what was offered. Each rate is over its own moments: that answers come later by what the way takes
    is latency, and shall not look like a rate that falls behind."""
    offered, answered = _per_s(found["due_us"]), _per_s(found["answered_us"][is_answered])
    return answered / offered if offered else 0.0


def _per_s(moments_us: NDArray[np.float64]) -> float:
    """Over the middle of the moments. Infinite where all are one moment, 0 where there are none."""
    if not len(moments_us):
        return 0.0
    begin, end = np.quantile(moments_us, MIDDLE)
    share = MIDDLE[1] - MIDDLE[0]
    return share * len(moments_us) / ((end - begin) / 1e6) if end > begin else np.inf
