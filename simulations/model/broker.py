"""A tier's brokers: one server for all requests, then the delay until a record is in every log it must be in."""

import numpy as np

from simulations.model.nanoseconds import Times, nanoseconds
from simulations.model.noise import Noise
from simulations.model.outages import Outages
from simulations.model.queues import departures
from simulations.model.service import TierService


class Broker:
    """Several brokers are one that is so many times as fast: leaders are spread evenly over them."""

    def __init__(self, service: TierService, *, brokers: int, delay_s: float, outages: Outages, noise: Noise) -> None:
        self._record_ns = nanoseconds(service.append_record_s / brokers)
        self._delay_ns = nanoseconds(delay_s)
        self._outages = outages
        self._noise = noise
        self._free_ns = 0

    def append(self, at_ns: int, records: int) -> int:
        """When a request that arrives then is in the log."""
        self._free_ns = self._outages.done(max(at_ns, self._free_ns), self._record_ns * records)
        return self._free_ns + round(self._delay_ns * self._noise.factor())

    def append_all(self, at_ns: Times) -> Times:
        """The same for requests of one record each, in any order; it begins idle."""
        order = np.argsort(at_ns, kind="stable")
        work = np.full(len(at_ns), max(self._record_ns, 1), dtype=np.int64)
        appended = np.empty(len(at_ns), np.int64)
        done = departures(self._outages.working(at_ns[order]), work)
        delays = np.rint(self._delay_ns * self._noise.factors(len(at_ns))).astype(np.int64)
        appended[order] = self._outages.wall(done) + delays
        return appended
