"""The four backends on the same sub-model, bare: microseconds a record for batches of 1 to 256."""

from collections import defaultdict
from pathlib import Path
from statistics import median

from simulations.bench.bare.inference import FILES, Speeds
from simulations.bench.bench import Bench
from simulations.bench.errors import BenchError
from simulations.bench.programs import PYTHON, bare_inference
from simulations.bench.report import Table

BATCHES = (1, 4, 16, 64, 256)
SECONDS = 0.25
ROUNDS = 3
# tflite-runtime needs an older numpy, so `make` gives it an environment of its own beside this one.
TFLITE_PYTHON = Path(__file__).parents[3] / ".venv-tflite" / "bin" / "python"


class Backends:
    name = "backends"
    title = "The backends beside each other: µs a record by batch size, bare inference, one thread"

    def run(self, bench: Bench) -> Table:
        found: dict[str, list[Speeds | str]] = defaultdict(list)
        for number in range(ROUNDS):
            bench.say(f"backends, round {number + 1}")
            for name in FILES:
                found[name].append(_measured(name))
        rows = tuple(row(name, some) for name, some in found.items())
        return Table(name=self.name, title=self.title, columns=("backend", *map(str, BATCHES)), rows=rows)


def row(name: str, found: list[Speeds | str]) -> tuple[str, ...]:
    """Medians over the rounds; where nothing could be measured, the reason."""
    speeds = [one for one in found if isinstance(one, Speeds)]
    if not speeds:
        return (name, str(found[0]), *([""] * (len(BATCHES) - 1)))
    shown = (1e6 / median(one.by_batch[batch].records_per_s for one in speeds) for batch in BATCHES)
    return (f"{name} {speeds[0].version}", *(f"{one:.0f}" for one in shown))


def _measured(name: str) -> Speeds | str:
    python = TFLITE_PYTHON if name == "tflite" else PYTHON
    if not python.exists():
        return "not measured: `make test-tflite` makes its environment"
    try:
        return bare_inference(BATCHES, backend=name, seconds=SECONDS, python=python)
    except BenchError as error:
        return f"not measured: {error}"
