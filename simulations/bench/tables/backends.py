"""The four backends on the same sub-model, bare: microseconds a record for batches of 1 to 256."""

import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from statistics import median

import msgspec

from simulations.bench.bare.backend import FILES, Rates
from simulations.bench.bench import Bench
from simulations.bench.report import Table

BATCHES = (1, 4, 16, 64, 256)
SECONDS = 0.25
ROUNDS = 3
DEADLINE_S = 120.0
# tflite-runtime needs an older numpy, so `make` gives it an environment of its own beside this one.
TFLITE_PYTHON = Path(__file__).parents[3] / ".venv-tflite" / "bin" / "python"


class Backends:
    name = "backends"
    title = "The backends beside each other: µs a record by batch size, bare inference, one thread"

    def run(self, bench: Bench) -> Table:
        found: dict[str, list[Rates | str]] = defaultdict(list)
        for number in range(ROUNDS):
            bench.say(f"backends, round {number + 1}")
            for name in FILES:
                found[name].append(_measure(name))
        rows = tuple(_row(name, some) for name, some in found.items())
        return Table(name=self.name, title=self.title, columns=("backend", *map(str, BATCHES)), rows=rows)


def _measure(name: str) -> Rates | str:
    """What it came to, or why there is nothing."""
    python = TFLITE_PYTHON if name == "tflite" else Path(sys.executable)
    if not python.exists():
        return "not measured: no environment for it here (make test-tflite makes it)"
    command = [str(python), "-m", "simulations.bench.bare.backend", name, "1", str(SECONDS), *map(str, BATCHES)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_S, check=False)
    if done.returncode:
        return f"not measured: {(done.stderr.splitlines() or ['no word'])[-1]}"
    return msgspec.json.decode(done.stdout, type=Rates)


def _row(name: str, found: list[Rates | str]) -> tuple[str, ...]:
    rates = [one for one in found if isinstance(one, Rates)]
    if not rates:
        return (name, str(found[0]), *([""] * (len(BATCHES) - 1)))
    shown = (1e6 / median(one.rates[batch] for one in rates) for batch in BATCHES)
    return (f"{name} {rates[0].version}", *(f"{one:.0f}" for one in shown))
