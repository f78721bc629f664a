"""All that the bench can measure, in the order in which it is shown."""

from collections.abc import Sequence

from simulations.bench.experiment import Experiment
from simulations.bench.figures.exactly_once import ExactlyOnce
from simulations.bench.figures.hot_swap import HotSwap
from simulations.bench.figures.latency import Latency
from simulations.bench.figures.memory import Memory
from simulations.bench.figures.start import Start
from simulations.bench.figures.throughput import Throughput
from simulations.bench.figures.watchers import Watchers

EXPERIMENTS: Sequence[Experiment] = (Throughput(), Latency(), Memory(), Start(), Watchers(), HotSwap(), ExactlyOnce())
