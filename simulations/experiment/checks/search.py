"""A search: over a setting that can be set, between two numbers of one kind, for something that can be kept."""

from collections.abc import Iterator

from msgspec.structs import replace

from shared.errors import DocumentError
from simulations.experiment.document import Arrivals, Experiment, Search, Sweep
from simulations.experiment.problem import Problem
from simulations.experiment.quantities import parts
from simulations.experiment.sweep import changed, combinations

# What a machine's noise leaves to be known.
LEAST_TOLERANCE = 0.01


def problems(experiment: Experiment) -> Iterator[Problem]:
    if experiment.search is not None:
        yield from _ends(experiment.search)
        yield from _kept(experiment, experiment.search)
        yield from _setting(experiment, experiment.search)


def _ends(search: Search) -> Iterator[Problem]:
    low, high = parts(search.low), parts(search.high)
    for name, end in (("low", low), ("high", high)):
        if end is None:
            yield Problem(
                field=f"search.{name}", text="is no number", remedy='a number, with its unit if it has one: "5 /s"'
            )
        elif end[0] <= 0:
            yield Problem(field=f"search.{name}", text="is not more than 0", remedy="ratios are halved: begin above 0")
    if low and high and low[1] != high[1]:
        yield Problem(field="search.high", text="has another unit than `low`", remedy=f"write it in {low[1] or 'none'}")
    elif low and high and low[0] >= high[0]:
        yield Problem(field="search.low", text="is not less than `high`", remedy="leave a range to search in")
    if search.tolerance < LEAST_TOLERANCE:
        yield Problem(
            field="search.tolerance",
            text=f"is less than {LEAST_TOLERANCE:.0%}, which no machine's noise lets one know",
            remedy='tolerance = "10 %"',
        )


def _kept(experiment: Experiment, search: Search) -> Iterator[Problem]:
    sustained = search.sustained
    if all(one is None for one in (sustained.p99, sustained.lost, sustained.throughput)):
        yield Problem(
            field="search.sustained", text="asks for nothing, so anything is sustained", remedy='lost = "0 %"'
        )
    for name, share in (("p99", sustained.p99), ("throughput", sustained.throughput)):
        if share == 0.0:
            yield Problem(
                field=f"search.sustained.{name}", text="is 0, and decides nothing", remedy="leave it out, or take more"
            )
    load = experiment.load
    if sustained.throughput and load.arrivals is Arrivals.BURST and load.rate is None and search.setting != "load.rate":
        yield Problem(
            field="search.sustained.throughput",
            text="is a share of what is offered a second, and a burst is offered at once",
            remedy="leave it out, or give the burst a `rate`",
        )


def _setting(experiment: Experiment, search: Search) -> Iterator[Problem]:
    swept = {*experiment.sweep.grid, *(path for entry in experiment.sweep.list for path in entry)}
    if search.setting in swept:
        yield Problem(field="search.setting", text=f"{search.setting} is swept too", remedy="leave it out of the sweep")
        return
    refused = [reason for end in (search.low, search.high) if (reason := _refused(experiment, search.setting, end))]
    if refused:
        yield Problem(
            field="search.setting" if len(refused) > 1 else "search.high",
            text=f"{search.setting} cannot be searched: {refused[0]}",
            remedy="a number of this file, such as load.rate",
        )


def _refused(experiment: Experiment, path: str, value: object) -> str:
    """Why it cannot be set in the sweep's first cell, whose own faults are told elsewhere."""
    try:
        settings = next(combinations(experiment.sweep), {})
        base = changed(replace(experiment, sweep=Sweep(), search=None), settings)
    except DocumentError:
        return ""
    try:
        changed(base, {path: value})
    except DocumentError as error:
        return error.reason
    return ""
