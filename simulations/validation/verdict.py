"""By how much the model errs, figure by figure, and whether that is little enough. Pure."""

from collections.abc import Iterator

from shared.documents import Message
from shared.errors import DocumentError
from simulations.experiment.document import Experiment
from simulations.measurement.figures import measures
from simulations.measurement.measures import Measure
from simulations.measurement.run_folder import Tables
from simulations.measurement.statistics import paired_relative_difference, value
from simulations.model.capacity import uses
from simulations.model.service import ServiceTimes

FIGURES = ("latency_p50", "latency_p95", "throughput")
MUST, AIM = 0.15, 0.07
# Above this use of anything a queue is long, and what decides its length is no longer the mean cost.
KNEE = 0.8
# Less than this of what was offered was answered: the run was not in balance.
KEPT_UP = 0.95


class Error(Message, frozen=True, kw_only=True):
    """`error` is (model - real) / real, `low` and `high` its 95 % interval, None where there is one repetition."""

    cell: int
    cell_name: str
    figure: str
    unit: str
    real: float
    model: float
    error: float
    low: float | None
    high: float | None
    is_judged: bool

    @property
    def is_within(self) -> bool:
        return abs(self.error) <= MUST


class Verdict(Message, frozen=True, kw_only=True):
    """`worst`: the greatest error of those judged, without its sign. Cells beyond the knee are told and not judged."""

    experiment: str
    fitted_to: str
    must: float
    aim: float
    worst: float
    is_valid: bool
    errors: tuple[Error, ...]
    service: ServiceTimes


def errors(
    experiment: Experiment, service: ServiceTimes, real: Tables, model: Tables, *, name: str
) -> tuple[Error, ...]:
    """Of one cell; both tables have the same repetitions."""
    [cell] = real.cells()
    seen = {one.name: one for one in measures(real, cell)}
    said = {one.name: one for one in measures(model, cell)}
    is_judged = is_below_knee(experiment, service, seen)
    return tuple(_errors(cell, name, seen, said, seed=experiment.seed, is_judged=is_judged))


def _errors(
    cell: int, name: str, seen: dict[str, Measure], said: dict[str, Measure], *, seed: int, is_judged: bool
) -> Iterator[Error]:
    for figure in FIGURES:
        real, model = seen[figure], said[figure]
        found = paired_relative_difference(real.estimator, model.estimator, seed=seed)
        yield Error(
            cell=cell,
            cell_name=name,
            figure=figure,
            unit=real.unit,
            real=value(real.estimator),
            model=value(model.estimator),
            error=found.value,
            low=found.low,
            high=found.high,
            is_judged=is_judged,
        )


def is_below_knee(experiment: Experiment, service: ServiceTimes, seen: dict[str, Measure]) -> bool:
    """Nothing is used to more than `KNEE` by the model's arithmetic, and the real run kept up with its load."""
    try:
        is_free = uses(experiment, service)[0].share <= KNEE
    except DocumentError:
        return True  # a burst has no rate, and so no knee
    return is_free and value(seen["throughput"].estimator) >= KEPT_UP * value(seen["offered"].estimator)
