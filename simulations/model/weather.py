"""What each message of a link draws: how far its delay is from the link's latency, and whether it stalls."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from simulations.experiment.document import Jitter
from simulations.model.nanoseconds import Times, all_nanoseconds, nanoseconds

# What one segment carries over Ethernet with TCP's timestamps.
SEGMENT_BYTES = 1448
# Linux's least retransmission timeout; RFC 6298 would have a second.
LEAST_TIMEOUT_S = 0.2
# Segments that must follow a lost one before three duplicate acknowledgements tell of it: RFC 5681, section 3.2.
_DUPLICATES = 3
# Heavy-tailed with a finite variance: mean 3/2 and variance 3/4.
_PARETO_SHAPE = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """`jitter_s` is the standard deviation, for `uniform` half of the range. `loss`: of segments, a fraction."""

    latency_s: float
    jitter_s: float = 0.0
    distribution: Jitter = Jitter.NORMAL
    loss: float = 0.0

    def delays(self, random: Generator, count: int) -> Times:
        """From a message's last byte on the wire to its receipt, without stalls; never negative."""
        delays = np.full(count, self.latency_s)
        if self.jitter_s:
            delays = np.maximum(delays + self.jitter_s * _deviations(self.distribution, random, count), 0.0)
        return all_nanoseconds(delays)

    def stalls(self, random: Generator, sizes: NDArray[np.int64]) -> Times:
        """How much later each message is there because some of its segments were lost, once."""
        lost = random.random(len(sizes)) < 1.0 - (1.0 - self.loss) ** _segments(sizes)
        stalls = np.zeros(len(sizes), dtype=np.int64)
        stalls[lost] = [self.stall(random, size) for size in sizes[lost].tolist()]
        return stalls

    def loses(self, size: int) -> float:
        """The chance that a message stalls."""
        return 1.0 - (1.0 - self.loss) ** max(-(-size // SEGMENT_BYTES), 1)

    def stall(self, random: Generator, size: int) -> int:
        """The last three segments have too few behind them to be missed early, and wait for the timeout."""
        segments = max(-(-size // SEGMENT_BYTES), 1)
        is_tail = random.random() * segments < _DUPLICATES
        round_trip_s = 2.0 * self.latency_s
        return nanoseconds(max(LEAST_TIMEOUT_S, 2.0 * round_trip_s) if is_tail else round_trip_s)


def _segments(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.maximum(-(-sizes // SEGMENT_BYTES), 1)


def _deviations(distribution: Jitter, random: Generator, count: int) -> NDArray[np.float64]:
    match distribution:
        case Jitter.NORMAL:
            return random.standard_normal(count)
        case Jitter.UNIFORM:
            return random.uniform(-1.0, 1.0, count)
        case Jitter.PARETO:
            return np.asarray((random.pareto(_PARETO_SHAPE, count) + 1.0 - 1.5) / np.sqrt(0.75), dtype=np.float64)
