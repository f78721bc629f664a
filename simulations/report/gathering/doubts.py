"""What a reader must know before believing a number: the measuring's own limits, where they were passed."""

from collections.abc import Iterator

from simulations.report.gathering.source import Source
from simulations.report.numbers import number

FEW_REPETITIONS = 5
# A figure, the most it may be in the unit in which it is shown, and what more than that means.
BOUNDS = (
    ("shaper_error_p50.", 0.3, "the shaper let bytes go late at the median by {} ms"),
    ("shaper_error_p99.", 1.0, "the shaper let bytes go late at the 99th percentile by {} ms"),
    ("client_lateness_p99", 5.0, "the clients themselves sent late at the 99th percentile by {} ms"),
    ("parts_disorder", 1.0, "the parts of the time contradict its whole by {} %"),
    ("lost", 0.0, "records were lost: {} a repetition"),
)


def doubts(source: Source) -> tuple[str, ...]:
    return tuple(_doubts(source))


def _doubts(source: Source) -> Iterator[str]:
    repetitions = source.file.experiment.repetitions
    if source.modelled:
        yield f"Nothing here was measured: a model computed it. Its service times: {source.modelled}."
    if source.finished < source.planned:
        yield f"The run is not finished: {source.finished} of {source.planned} repetitions are there."
    if repetitions < FEW_REPETITIONS:
        yield f"{repetitions} repetitions a cell are too few: the bounds of an interval are the least and the greatest."
    if source.file.experiment.links and not source.modelled and not source.names("shaper_error"):
        yield "What the shaper itself added was not recorded."
    for prefix, bound, meaning in BOUNDS:
        worst = _worst(source, prefix)
        if worst and worst[0] > bound:
            yield f"In the worst cell ({worst[1]}) {meaning.format(number(worst[0]))}."


def _worst(source: Source, prefix: str) -> tuple[float, str] | None:
    found = [
        (estimate.value, source.labels[cell.index])
        for cell in source.cells
        for name in source.names(prefix)
        if (estimate := source.estimate(cell.index, name))
    ]
    return max(found, default=None)
