"""`python -m simulations.links.measure`: how precise the shaper is, and what it costs.

Error of the added delay: what the receiver sees of each message, less the median of the same without the shaper, less
what the model says for the moments at which the messages were sent. So it holds everything: the kernel, the shaper's
reading and its timer, the receiver's waking up. Sender, shaper and receiver go before others as far as the machine
grants that. What it takes from all of them (the host of a virtual one stops it for milliseconds) is in the errors and
stands beside them, so each load is measured in rounds, by turns with and without the shaper: figures are the medians of
the rounds, and the worst round's is shown. Throughput: bytes a second over a link that adds nothing, as a share of that
without the shaper right before.

Bandwidth: what passes a line of 50 Mbit/s, beside the kernel's own token bucket in a network namespace (see `kernel`),
where the machine allows one.

Cost: the shaper's processor time, its calls of the kernel included, in microseconds a message (which wakes it twice:
when it comes and when it is due) and in milliseconds a megabyte of bulk over a wide link, which is cut into pieces of a
quarter of a millisecond. Over a link without bandwidth limit pieces are as large as what was read.
"""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from shared.errors import FoglineError, SettingsError
from simulations.bench.statistics import percentile
from simulations.links import kernel, probe
from simulations.links.line import Line
from simulations.links.promptness import Scheduling, be_prompt
from simulations.links.running import Shaper
from simulations.links.settings import LineSettings, LinkSettings, RouteSettings, ShaperSettings
from simulations.links.statistics import ShaperStatistics

BANDWIDTH = 50e6 / 8
LINE = LineSettings(latency=0.02, bandwidth=BANDWIDTH)
WIDE_LINE = LineSettings(latency=0.0005, bandwidth=1e9 / 8)
LOADS_MBIT_S = (1.0, 10.0, 40.0)
ROUND_S = 2.0
ROUNDS = 7
# Each takes half a second, and one differs from the next by half.
THROUGHPUT_ROUNDS = 31
KERNEL_S = 4.0

# (sent, received) of each message, seconds.
Times = list[tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """Absolute errors of the added delay in milliseconds.

    `machine_p99_ms`: how far the delay without the shaper is from its own median, which no shaper can better.
    `own_p50_ms`, `own_p99_ms`: what the shaper says of itself, its release less the moment due. `message_us`: its
    processor time by message.
    """

    messages: int
    p50_ms: float
    p99_ms: float
    machine_p99_ms: float
    own_p50_ms: float
    own_p99_ms: float
    message_us: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    typical: Round
    worst_p99_ms: float
    scheduling: Scheduling


def precision(
    load_mbit_s: float, *, rounds: int = ROUNDS, round_s: float = ROUND_S, line: LineSettings = LINE
) -> Precision:
    rate = load_mbit_s * 1e6 / 8 / probe.MESSAGE_BYTES
    found = list[Round]()
    with probe.listening() as listener:
        delays = partial(probe.delays, listener, rate=rate, duration_s=round_s)
        port: int = listener.getsockname()[1]
        with _shaped(line, port) as shaper:
            for _ in range(rounds):
                without = delays(port)
                shaper.statistics_since()
                through = delays(shaper.ports[0])
                statistics = shaper.statistics_since()
                found.append(_round(without, through, statistics, line))
    typical = Round(**{name: median(getattr(one, name) for one in found) for name in Round.__slots__})
    return Precision(typical=typical, worst_p99_ms=max(one.p99_ms for one in found), scheduling=statistics.scheduling)


def throughputs(rounds: int = THROUGHPUT_ROUNDS) -> list[tuple[float, float]]:
    """Bytes a second without the shaper and, right after, through it."""
    with probe.listening() as listener:
        port: int = listener.getsockname()[1]
        with _shaped(LineSettings(), port) as shaper:
            return [
                (probe.throughput(listener, port), probe.throughput(listener, shaper.ports[0])) for _ in range(rounds)
            ]


def bulk(line: LineSettings = WIDE_LINE) -> tuple[float, float]:
    """Bytes a second over `line`, and the shaper's processor time by byte in seconds."""
    with probe.listening() as listener, _shaped(line, listener.getsockname()[1]) as shaper:
        found = probe.throughput(listener, shaper.ports[0])
        statistics = shaper.statistics_since()
    return found, statistics.cpu_s / statistics.lines[0].bytes


def beside_kernel(bandwidth: float = BANDWIDTH) -> tuple[float, float]:
    """Bytes a second over the kernel's token bucket of this bandwidth, and over the shaper's line.

    The kernel's carries headers too. Raises SettingsError where the machine allows no network namespace.
    """
    size = int(bandwidth * KERNEL_S)
    with kernel.token_bucket(bandwidth) as listener:
        bucket = probe.throughput(listener, listener.getsockname()[1], host=kernel.FAR, size=size)
    with probe.listening() as listener, _shaped(LineSettings(bandwidth=bandwidth), listener.getsockname()[1]) as shaper:
        return bucket, probe.throughput(listener, shaper.ports[0], size=size)


def main() -> int:
    argparse.ArgumentParser(
        prog="python -m simulations.links.measure", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    ).parse_args()
    be_prompt()
    try:
        for load_mbit_s in LOADS_MBIT_S:
            sys.stdout.write(f"{load_mbit_s:g} Mbit/s of 50: {_described(precision(load_mbit_s))}\n")
            sys.stdout.flush()
        pairs = throughputs()
        wide, cost = bulk()
    except FoglineError as error:
        sys.stderr.write(f"measure: {error}\n")
        return error.exit_code
    sys.stdout.write(
        f"{_compared(pairs)}\n"
        f"over 1 Gbit/s: {wide * 8 / 1e9:.2f} Gbit/s, {cost * 1e9:.1f} ms of processor time a megabyte\n"
        f"{_kernels()}\n"
    )
    return 0


def _round(without: Times, through: Times, statistics: ShaperStatistics, line: LineSettings) -> Round:
    usual_s = median(received - sent for sent, received in without)
    noise = [abs(received - sent - usual_s) * 1e3 for sent, received in without]
    errors = [abs(error - usual_s) * 1e3 for error in _errors(through, line)]
    own = statistics.lines[0].error
    return Round(
        messages=len(through),
        p50_ms=percentile(errors, 0.5),
        p99_ms=percentile(errors, 0.99),
        machine_p99_ms=percentile(noise, 0.99),
        own_p50_ms=own.p50_us / 1e3,
        own_p99_ms=own.p99_us / 1e3,
        message_us=statistics.cpu_s / len(through) * 1e6,
    )


def _described(found: Precision) -> str:
    typical = found.typical
    return (
        f"error of the added delay p50 {typical.p50_ms:.3f} ms, p99 {typical.p99_ms:.3f} ms "
        f"(worst of {ROUNDS} rounds {found.worst_p99_ms:.3f}; without the shaper {typical.machine_p99_ms:.3f}; its own "
        f"lateness p50 {typical.own_p50_ms:.3f}, p99 {typical.own_p99_ms:.3f}); {typical.message_us:.0f} us of "
        f"processor time a message; scheduling: {found.scheduling}"
    )


def _kernels() -> str:
    try:
        bucket, line = beside_kernel()
    except SettingsError as error:
        return f"no link of the kernel's beside it: {error}"
    wanted, line, bucket = (one * 8 / 1e6 for one in (BANDWIDTH, line, bucket))
    return f"over {wanted:g} Mbit/s: {line:.1f}; over the kernel's own token bucket, which counts headers: {bucket:.1f}"


def _compared(pairs: list[tuple[float, float]]) -> str:
    without, through = (median(side) / 1e9 for side in zip(*pairs, strict=True))
    low, ratio, high = quantiles([through / without for without, through in pairs], n=4)
    return (
        f"throughput {through:.2f} GB/s of {without:.2f} GB/s without: {ratio:.2f} "
        f"(median of {len(pairs)} pairs; half of them from {low:.2f} to {high:.2f})"
    )


def _errors(times: Times, line: LineSettings) -> Iterator[float]:
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
        )
        with Shaper(settings, log=Path(folder) / "shaper.log") as shaper:
            yield shaper


if __name__ == "__main__":
    sys.exit(main())
