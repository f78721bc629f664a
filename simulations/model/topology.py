"""The lines and brokers of one run, made anew for each: they remember what has passed them."""

import numpy as np
from numpy.random import Generator, SeedSequence

from simulations.experiment.document import CLIENTS, Experiment, Tier
from simulations.experiment.places import path
from simulations.experiment.presets import ResolvedLink, resolved
from simulations.model.broker import Broker
from simulations.model.clients import Way
from simulations.model.faults import intervals, link_factors, link_outages
from simulations.model.lines import Line, LineSettings
from simulations.model.nanoseconds import nanoseconds
from simulations.model.noise import Noise
from simulations.model.outages import Outages
from simulations.model.service import ServiceTimes
from simulations.model.tier import Upward
from simulations.model.weather import Weather

UP, DOWN = "up", "down"


class Topology:
    """`seed` settles every draw: each line, topic and agent has a stream of its own.

    Raises DocumentError for links, presets or tiers that are not there.
    """

    def __init__(self, experiment: Experiment, service: ServiceTimes, *, seed: int) -> None:
        self.experiment = experiment
        self.service = service
        self._seed = seed
        self._links = [resolved(link) for link in experiment.links]
        self._lines = self._fresh_lines()

    def random(self, purpose: str) -> Generator:
        """Independent of what others draw."""
        return np.random.default_rng(SeedSequence([self._seed, *purpose.encode()]))

    def way(self) -> Way:
        """From the clients to the first tier."""
        first = self.experiment.tiers[0]
        names = path(self.experiment, CLIENTS, first.name)
        lines = self._fresh_lines()
        self._lines.update({(name, UP): lines[name, UP] for name in names})
        return Way(
            up=tuple(lines[name, UP] for name in names),
            down=tuple(lines[name, DOWN] for name in reversed(names)),
            broker=self.broker(first, CLIENTS),
        )

    def upward(self, index: int) -> Upward | None:
        """From this tier to the next one; None at the last."""
        if index + 1 == len(self.experiment.tiers):
            return None
        lower, upper = self.experiment.tiers[index : index + 2]
        names = path(self.experiment, lower.name, upper.name)
        return Upward(
            up=tuple(self._lines[name, UP] for name in names),
            down=tuple(self._lines[name, DOWN] for name in reversed(names)),
            broker=self.broker(upper, lower.name),
        )

    def to_clients(self, index: int) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
        """From this tier down to the clients, and back."""
        names = path(self.experiment, self.experiment.tiers[index].name, CLIENTS)
        down = tuple(self._lines[name, DOWN] for name in names)
        return down, tuple(self._lines[name, UP] for name in reversed(names))

    @property
    def lines(self) -> dict[tuple[str, str], Line]:
        """By link and direction."""
        return self._lines

    def broker(self, tier: Tier, asking: str) -> Broker:
        """A tier's, as those see it who are `asking`: they draw for themselves."""
        service = self.service.of(tier.name)
        return Broker(
            service,
            brokers=tier.brokers,
            delay_s=service.appended_after_s(tier),
            outages=self._broker_outages(tier),
            noise=Noise(self.random(f"broker {tier.name} {asking}"), service.append_spread),
        )

    def _broker_outages(self, tier: Tier) -> Outages:
        """One of three gone holds up its partitions until another leads them; all are taken to wait so long."""
        away = [
            interval
            for number in range(1, tier.brokers + 1)
            for interval in intervals(
                self.experiment, f"broker:{tier.name}-{number}", start_s=self.service.broker_start_s
            )
        ]
        if tier.brokers > 1:
            most = nanoseconds(self.service.failover_s)
            away = [(begin, min(end, begin + most)) for begin, end in away]
        return Outages(away)

    def _fresh_lines(self) -> dict[tuple[str, str], Line]:
        return {
            (link.name, direction): Line(self._settings(link, direction), self.random(f"line {link.name} {direction}"))
            for link in self._links
            for direction in (UP, DOWN)
        }

    def _settings(self, link: ResolvedLink, direction: str) -> LineSettings:
        weather = Weather(
            latency_s=link.latency_s, jitter_s=link.jitter_s, distribution=link.distribution, loss=link.loss
        )
        return LineSettings(
            link=link.name,
            weather=weather,
            bytes_per_s=link.up_bytes_per_s if direction == UP else link.down_bytes_per_s,
            outages=link_outages(self.experiment, link.name),
            factors=link_factors(self.experiment, link.name),
        )
