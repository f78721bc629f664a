"""The load: its arrivals have what they need, and something of it is counted."""

from collections.abc import Iterator

from simulations.experiment.document import Arrivals, Experiment, Load
from simulations.experiment.problem import Problem

_AT_A_RATE = (Arrivals.POISSON, Arrivals.UNIFORM)
# What each kind of arrivals has no use for; `records` and `duration` end any of them.
_UNUSED = {
    Arrivals.BURST: ("trace",),
    Arrivals.POISSON: ("trace",),
    Arrivals.UNIFORM: ("trace",),
    Arrivals.TRACE: ("rate",),
}
# Each has a due time and, in a run, a row of about 100 bytes.
MOST_RECORDS = 100_000_000


def problems(experiment: Experiment) -> Iterator[Problem]:
    load = experiment.load
    yield from _needs(load)
    yield from _end(load)
    yield from _warm_up(load)
    yield from _size(load)
    for name in _UNUSED[load.arrivals]:
        if getattr(load, name) is not None:
            yield Problem(
                field=f"load.{name}",
                text=f"means nothing for {load.arrivals} arrivals",
                remedy="leave it out",
                is_warning=True,
            )


def _needs(load: Load) -> Iterator[Problem]:
    if load.arrivals is Arrivals.BURST and load.records is None:
        yield Problem(field="load.records", text="is missing: how large is a burst?", remedy="records = 1")
    if load.arrivals in _AT_A_RATE and load.rate is None:
        yield Problem(field="load.rate", text=f"is missing for {load.arrivals} arrivals", remedy='rate = "10 /s"')
    if load.arrivals is not Arrivals.TRACE and load.rate == 0.0:
        yield Problem(field="load.rate", text="sends nothing", remedy='rate = "10 /s"')
    if load.arrivals is Arrivals.TRACE and load.trace is None:
        yield Problem(field="load.trace", text="is missing for trace arrivals", remedy='trace = "times.txt"')
    if load.patience == 0.0:
        yield Problem(field="load.patience", text="takes every record for lost", remedy='patience = "60 s"')


def _end(load: Load) -> Iterator[Problem]:
    if load.records is not None and load.duration is not None:
        yield Problem(field="load.duration", text="and `records` would both end the load", remedy="keep one of them")
    if load.records is None and load.duration is None and load.arrivals in _AT_A_RATE:
        yield Problem(field="load", text="never ends", remedy='give `records` or a `duration`, such as "30 s"')
    if load.duration == 0.0:
        yield Problem(field="load.duration", text="leaves no time to send", remedy='duration = "30 s"')


def _warm_up(load: Load) -> Iterator[Problem]:
    ends_s = lasts_s(load)
    if load.warm_up > 0 and ends_s is not None and load.warm_up >= ends_s:
        yield Problem(
            field="load.warm_up",
            text=f"lasts {float(load.warm_up):g} s, the load {ends_s:g} s: nothing would be counted",
            remedy="warm up for less, or send for longer: the warm-up is a part of the load",
        )


def _size(load: Load) -> Iterator[Problem]:
    at_a_rate = load.rate * load.duration if load.rate and load.duration else 0.0
    records = load.clients * (load.records or at_a_rate)
    if records > MOST_RECORDS:
        yield Problem(
            field="load",
            text=f"is about {records:.3g} records a repetition, more than a machine's memory holds",
            remedy=f"at most {MOST_RECORDS:,} for all clients together",
        )


def lasts_s(load: Load) -> float | None:
    """Seconds from the first record due to the last, on average; None where only a trace tells."""
    if load.arrivals is Arrivals.BURST:
        return (load.records - 1) / load.rate if load.records and load.rate else 0.0
    if load.duration is not None:
        return float(load.duration)
    return load.records / load.rate if load.records and load.rate else None
