"""A discrete-event model of an experiment: what cannot be run here, or not often enough, is computed.

    arrivals -> producers -> links -> topic -> [agents -> uplink -> topic] ... -> answers -> links -> clients

Nothing flows back from an upper tier to a lower one but acknowledgements, and those are too small to queue. So the
tiers are simulated from the first to the last, each with a clock of its own (SimPy), and whatever has no choice to make
(a link's queue, a client's order) is computed for all records at once by Lindley's recursion. Times are whole
nanoseconds: sums are exact, and the same seed gives the same bytes.
"""

from simulations.model.outcome import Outcome
from simulations.model.service import ServiceTimes, TierService
from simulations.model.simulation import simulate

__all__ = ["Outcome", "ServiceTimes", "TierService", "simulate"]
