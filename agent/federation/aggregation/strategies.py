"""All strategies by name: ours, and those that an installed package gives under the entry point `fogline.strategies`.

    [project.entry-points."fogline.strategies"]
    mine = "my_package:Mine"

Such a one is a msgspec struct with `tag_field="name"` that satisfies `Strategy`; its fields are its parameters.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import msgspec

from agent.federation.aggregation.fedadam import FedAdam
from agent.federation.aggregation.fedasync import FedAsync
from agent.federation.aggregation.fedavg import FedAvg
from agent.federation.aggregation.fedavgm import FedAvgM
from agent.federation.aggregation.fedbuff import FedBuff
from agent.federation.aggregation.fednova import FedNova
from agent.federation.aggregation.fedprox import FedProx
from agent.federation.aggregation.fedyogi import FedYogi
from agent.federation.aggregation.krum import Krum, MultiKrum
from agent.federation.aggregation.median import Median
from agent.federation.aggregation.mifa import Mifa
from agent.federation.aggregation.norm_bound import NormBound
from agent.federation.aggregation.running_average import RunningAverage
from agent.federation.aggregation.scaffold import Scaffold
from agent.federation.aggregation.strategy import Strategy
from agent.federation.aggregation.trimmed_mean import TrimmedMean
from shared.errors import SettingsError

GROUP = "fogline.strategies"
OURS: tuple[type[Any], ...] = (
    FedAvg,
    FedProx,
    FedAvgM,
    FedAdam,
    FedYogi,
    Scaffold,
    FedNova,
    FedAsync,
    FedBuff,
    Mifa,
    RunningAverage,
    Median,
    TrimmedMean,
    Krum,
    MultiKrum,
    NormBound,
)


def strategy(name: str, parameters: Mapping[str, Any]) -> Strategy:
    """Raises SettingsError for a name that nobody has, or a parameter that it does not take, naming the field."""
    known = installed()
    if name not in known:
        raise SettingsError(f"strategy.name: there is no strategy {name!r}: {', '.join(sorted(known))}")
    try:
        made: Strategy = msgspec.convert({"name": name, **parameters}, known[name])
    except msgspec.ValidationError as error:
        raise SettingsError(f"strategy {name!r}: {error}") from error
    return made


@cache
def installed() -> Mapping[str, type[Any]]:
    return by_name(OURS, entry_points(group=GROUP))


def by_name(ours: Iterable[type[Any]], points: Iterable[EntryPoint]) -> Mapping[str, type[Any]]:
    """Nobody takes the place of one of ours. Raises SettingsError for an entry point that cannot be loaded."""
    known = {str(one.__struct_config__.tag): one for one in ours}
    for point in points:
        if point.name in known:
            raise SettingsError(f"entry point {point.name!r} of {GROUP}: there is a strategy of this name")
        try:
            known[point.name] = point.load()
        except (ImportError, AttributeError) as error:
            raise SettingsError(f"entry point {point.name!r} of {GROUP} cannot be loaded: {error}") from error
    return known
