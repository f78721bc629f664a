"""Sites that stand side by side, so that cells can take turns without each of them starting Kafka again."""

import tempfile
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self

from msgspec.structs import replace

from shared.documents.deployment import Delivery
from simulations.experiment.document import Experiment, Load, Network, Tier
from simulations.running.site import Site

# Four sites of three tiers with one broker each. An idle broker costs 0.4 GB, and a hundredth of a core.
BROKERS_AT_ONCE = 12

Say = Callable[[str], None]


class Sites:
    """Every site ends with the block; before that, the one longest unused gives way to another."""

    def __init__(self, say: Say, *, brokers_at_once: int = BROKERS_AT_ONCE) -> None:
        self._say = say
        self._brokers_at_once = brokers_at_once
        self._open: OrderedDict[str, tuple[Site, ExitStack]] = OrderedDict()

    def of(self, experiment: Experiment) -> Site:
        """The one that stands already, if any."""
        wanted = standing(experiment)
        key = repr(wanted)
        if key not in self._open:
            while self._open and self._brokers + _brokers(wanted) > self._brokers_at_once:
                self._close(next(iter(self._open)))
            stack = ExitStack()
            self._open[key] = stack.enter_context(fresh(wanted, self._say)), stack
        self._open.move_to_end(key)
        return self._open[key][0]

    @property
    def _brokers(self) -> int:
        return sum(_brokers(site.experiment) for site, _ in self._open.values())

    def _close(self, key: str) -> None:
        self._open.pop(key)[1].close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with ExitStack() as all_of_them:
            for _site, stack in self._open.values():
                all_of_them.callback(stack.close)


@contextmanager
def fresh(experiment: Experiment, say: Say) -> Iterator[Site]:
    with (
        tempfile.TemporaryDirectory(prefix="fogline-simulate-") as directory,
        Site(experiment, Path(directory), say=say) as site,
    ):
        yield site


def standing(experiment: Experiment) -> Experiment:
    """What of an experiment its site depends on; the rest is the deployment's, which each repetition makes anew."""
    tiers = tuple(
        Tier(name=one.name, brokers=one.brokers, replicas=one.replicas, cpu=one.cpu) for one in experiment.tiers
    )
    return replace(experiment, load=Load(), faults=(), network=Network(), tiers=tiers, delivery=Delivery.AT_LEAST_ONCE)


def _brokers(experiment: Experiment) -> int:
    return sum(tier.brokers for tier in experiment.tiers)
