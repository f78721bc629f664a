"""All that the bench can measure, in the order in which it is shown."""

from collections.abc import Collection, Sequence

from simulations.bench.experiment import Comparison, Experiment
from simulations.bench.figures.coordinator_memory import CoordinatorMemory
from simulations.bench.figures.exactly_once import ExactlyOnce
from simulations.bench.figures.federation_wire import FederationWire
from simulations.bench.figures.guarantee import Guarantee
from simulations.bench.figures.hot_swap import HotSwap
from simulations.bench.figures.latency import Latency
from simulations.bench.figures.memory import Memory
from simulations.bench.figures.one_stream import OneStream
from simulations.bench.figures.start import Start
from simulations.bench.figures.stream_reading import StreamReading
from simulations.bench.figures.throughput import Throughput
from simulations.bench.figures.trainer_memory import TrainerMemory
from simulations.bench.figures.training import Training
from simulations.bench.figures.watchers import Watchers
from simulations.bench.tables.backends import Backends
from simulations.bench.tables.batches import Batches
from simulations.bench.tables.hops import Hops

EXPERIMENTS: Sequence[Experiment] = (
    Throughput(),
    Latency(),
    Memory(),
    Start(),
    Watchers(),
    HotSwap(),
    ExactlyOnce(),
    StreamReading(),
    TrainerMemory(),
    Training(),
    OneStream(),
    Guarantee(),
    FederationWire(),
    CoordinatorMemory(),
)
COMPARISONS: Sequence[Comparison] = (Backends(), Batches(), Hops())


def names() -> list[str]:
    """Of every measurement, figure and table; each once."""
    figures = [name for one in EXPERIMENTS for name in (one.name, *(figure.name for figure in one.figures))]
    return list(dict.fromkeys([*figures, *(one.name for one in COMPARISONS)]))


def chosen(only: Collection[str] | None) -> tuple[list[Experiment], list[Comparison]]:
    """An experiment is chosen by its own name or by that of one of its figures; None chooses all."""
    if only is None:
        return list(EXPERIMENTS), list(COMPARISONS)
    experiments = [one for one in EXPERIMENTS if {one.name, *(figure.name for figure in one.figures)} & set(only)]
    return experiments, [one for one in COMPARISONS if one.name in only]
