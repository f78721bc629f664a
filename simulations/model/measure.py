"""`python -m simulations.model.measure`: how many device-records the model computes in a second of one core."""

import argparse
import sys
import time
from collections.abc import Sequence

from simulations.experiment.document import Experiment, Link, Load, Network, Planted, Tier
from simulations.experiment.quantities import Duration, Rate, Share
from simulations.model.service import from_bench
from simulations.model.simulation import simulate

_TIERS = ("edge", "fog", "cloud")


def experiment(clients: int, *, rate: float, duration_s: float, replicas: int) -> Experiment:
    """Devices on a LAN, the tiers a WAN apart; 70 % leave at the edge, 10 % at the fog."""
    ends = zip(("clients", *_TIERS[:-1]), _TIERS, ("lan", "wan", "wan"), strict=True)
    return Experiment(
        api_version="fogline/v1",
        kind="experiment",
        name="measure",
        network=Network(planted=Planted(shares=(Share(0.7), Share(0.1)))),
        tiers=tuple(Tier(name=name, replicas=replicas, partitions=replicas) for name in _TIERS),
        links=tuple(Link(between=(lower, upper), preset=preset) for lower, upper, preset in ends),
        load=Load(clients=clients, rate=Rate(rate), duration=Duration(duration_s)),
    )


def records_per_s(measured: Experiment) -> float:
    """Device-records in a second of this process's CPU time, from the experiment to the arrays."""
    service = from_bench(measured.tiers)
    began = time.process_time()
    outcome = simulate(measured, service)
    return len(outcome.records) / (time.process_time() - began)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=100_000)
    parser.add_argument("--rate", type=float, default=0.1, help="records a second of each client")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long they send")
    parser.add_argument("--replicas", type=int, default=4, help="agents and partitions of each tier")
    chosen = parser.parse_args(arguments)
    measured = experiment(chosen.clients, rate=chosen.rate, duration_s=chosen.seconds, replicas=chosen.replicas)
    sys.stdout.write(f"{records_per_s(measured):,.0f} device-records a second on one core\n")


if __name__ == "__main__":
    main()
