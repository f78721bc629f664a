"""`python -m simulations.links.measure`: how precise the shaper is, and what it costs.

Error of the added delay: what the receiver sees of each message, less the median of the same without the shaper, less
what the model says for the moments at which the messages were sent. So it holds everything: the kernel, the shaper's
reading and its timer, the receiver's waking up. Throughput: bytes a second over a link that adds nothing, and without
the shaper, in turns, so that a noisy moment hits both.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from shared.errors import FoglineError
from simulations.bench.statistics import percentile
from simulations.links import probe
from simulations.links.line import Line
from simulations.links.promptness import be_prompt
from simulations.links.running import Shaper
from simulations.links.settings import LineSettings, LinkSettings, RouteSettings, ShaperSettings

LINE = LineSettings(latency=0.02, bandwidth=50e6 / 8)
LOADS_MBIT_S = (1.0, 10.0, 40.0)
DURATION_S = 10.0
ROUNDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """Absolute errors of the added delay in milliseconds.

    `machine_p99_ms`: how far the delay without the shaper is from its own median, which no shaper can better.
    `own_p50_ms`, `own_p99_ms`: what the shaper says of itself, its release less the moment due. `cores`: its processor
    time as a share of one core.
    """

    load_mbit_s: float
    messages: int
    p50_ms: float
    p99_ms: float
    machine_p99_ms: float
    own_p50_ms: float
    own_p99_ms: float
    cores: float


def precision(load_mbit_s: float, *, duration_s: float = DURATION_S, line: LineSettings = LINE) -> Precision:
    measure = partial(probe.delays, rate=load_mbit_s * 1e6 / 8 / probe.MESSAGE_BYTES, duration_s=duration_s)
    with probe.listening() as listener:
        port: int = listener.getsockname()[1]
        without = [received - sent for sent, received in measure(listener, port)]
        with _shaped(line, port) as shaper:
            times = measure(listener, shaper.ports[0])
            statistics = shaper.statistics()
    usual_s = median(without)
    errors = [abs(error - usual_s) * 1e3 for error in _errors(times, line)]
    own = statistics.lines[0].error
    return Precision(
        load_mbit_s=load_mbit_s,
        messages=len(times),
        p50_ms=percentile(errors, 0.5),
        p99_ms=percentile(errors, 0.99),
        machine_p99_ms=percentile([abs(delay_s - usual_s) * 1e3 for delay_s in without], 0.99),
        own_p50_ms=own.p50_us / 1e3,
        own_p99_ms=own.p99_us / 1e3,
        cores=statistics.cpu_s / duration_s,
    )


def throughputs() -> tuple[float, float]:
    """Bytes a second without the shaper and through it: the medians of `ROUNDS`."""
    without, through = list[float](), list[float]()
    with probe.listening() as listener:
        port: int = listener.getsockname()[1]
        with _shaped(LineSettings(), port) as shaper:
            for _ in range(ROUNDS):
                without.append(probe.throughput(listener, port))
                through.append(probe.throughput(listener, shaper.ports[0]))
    return median(without), median(through)


def main() -> int:
    # The instrument goes before others on a busy machine, as the shaper does.
    be_prompt()
    try:
        for load_mbit_s in LOADS_MBIT_S:
            found = precision(load_mbit_s)
            sys.stdout.write(
                f"{load_mbit_s:g} Mbit/s of 50: error of the added delay p50 {found.p50_ms:.3f} ms, "
                f"p99 {found.p99_ms:.3f} ms (without the shaper {found.machine_p99_ms:.3f}; its own lateness p50 "
                f"{found.own_p50_ms:.3f}, p99 {found.own_p99_ms:.3f}); {found.cores:.2f} cores\n"
            )
        without, through = throughputs()
    except FoglineError as error:
        sys.stderr.write(f"measure: {error}\n")
        return error.exit_code
    sys.stdout.write(
        f"throughput {through / 1e9:.2f} GB/s of {without / 1e9:.2f} GB/s without: {through / without:.2f}\n"
    )
    return 0


def _errors(times: list[tuple[float, float]], line: LineSettings) -> Iterator[float]:
    """Received less due, in seconds."""
    model = Line(line, seed="", round_trip_s=2 * line.latency)
    flow = model.flow("", round_trip_s=2 * line.latency)
    for sent, received in times:
        yield received - model.send(sent, probe.MESSAGE_BYTES, flow)


@contextmanager
def _shaped(line: LineSettings, port: int) -> Iterator[Shaper]:
    with TemporaryDirectory() as folder:
        settings = ShaperSettings(
            links=(LinkSettings(name="measured", up=line, down=line),),
            routes=(RouteSettings(target_port=port, links=("measured",)),),
            statistics=str(Path(folder) / "statistics.json"),
        )
        with Shaper(settings, log=Path(folder) / "shaper.log") as shaper:
            yield shaper


if __name__ == "__main__":
    sys.exit(main())
