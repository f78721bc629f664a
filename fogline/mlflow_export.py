"""A run as MLflow knows runs: parameters, metrics by step, tags, files. What is sent is decided here, purely."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from shared.documents import Lineage, RunState, RunView
from shared.errors import ControlPlaneError, UnavailableError

if TYPE_CHECKING:
    from agent.training.judging.judgement import Judgement
    from agent.training.judging.judgements import Judgements
    from agent.training.results import History

STATES = {RunState.FINISHED: "FINISHED", RunState.FAILED: "FAILED", RunState.CANCELLED: "KILLED"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    name: str
    value: float
    step: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """`status` in MLflow's words."""

    name: str
    status: str
    params: dict[str, str]
    tags: dict[str, str]
    metrics: tuple[Measured, ...]


def require_mlflow() -> None:
    """Raises UnavailableError that says what to install."""
    if find_spec("mlflow") is None:
        raise UnavailableError("this needs MLflow: pip install 'fogline[mlflow]'")


def recorded(
    run: RunView, lineage: Lineage | None, history: "History | None", judgements: "Judgements | None"
) -> Recorded:
    """Metrics are `validation/EXIT/loss` and the like, by epoch; those of the test have no step."""
    return Recorded(
        name=f"{run.network}-{run.id}",
        status=STATES.get(run.state, "RUNNING"),
        params={} if lineage is None else dict(_flat("", msgspec.to_builtins(lineage.parameters))),
        tags=_tags(run, lineage),
        metrics=(*_of_history(history), *_of_judgements(judgements)),
    )


def send(found: Recorded, files: Path, *, tracking_uri: str, experiment: str) -> str:
    """The id of MLflow's run, a new one each time. Raises ControlPlaneError for what MLflow refuses."""
    mlflow: Any = import_module("mlflow")
    try:
        client = mlflow.MlflowClient(tracking_uri=tracking_uri)
        known = client.get_experiment_by_name(experiment)
        number = known.experiment_id if known else client.create_experiment(experiment)
        identity = str(client.create_run(number, run_name=found.name, tags=found.tags).info.run_id)
        for name, value in found.params.items():
            client.log_param(identity, name, value)
        for one in found.metrics:
            client.log_metric(identity, one.name, one.value, step=one.step)
        client.log_artifacts(identity, str(files))
        client.set_terminated(identity, status=found.status)
    except mlflow.exceptions.MlflowException as error:
        raise ControlPlaneError(f"MLflow at {tracking_uri}: {str(error).splitlines()[0]}") from error
    return identity


def _tags(run: RunView, lineage: Lineage | None) -> dict[str, str]:
    tags = {
        "fogline.run": str(run.id),
        "fogline.request": run.request,
        "fogline.network": run.network,
        "fogline.stream": run.stream,
        "fogline.versions": ", ".join(f"{one.model}/{one.version}" for one in run.versions),
    }
    if lineage is not None:
        tags |= {
            "fogline.sources": ", ".join(lineage.sources),
            "fogline.records": lineage.records,
            "fogline.split_seed": str(lineage.split_seed),
            "fogline.start_from": lineage.start_from,
            "fogline.packages": ", ".join(f"{name} {number}" for name, number in sorted(lineage.packages.items())),
        }
    return {name: value for name, value in tags.items() if value}


def _flat(path: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat(f"{path}.{name}" if path else name, inner)
    else:
        yield path, str(value)


def _of_history(history: "History | None") -> Iterator[Measured]:
    for one in history.epochs if history else ():
        for name, loss in one.training.items():
            yield Measured(name=f"training/{name}/loss", value=loss, step=one.epoch)
        for name, score in one.validation.items():
            yield Measured(name=f"validation/{name}/loss", value=score.loss, step=one.epoch)
            if score.accuracy is not None:
                yield Measured(name=f"validation/{name}/accuracy", value=score.accuracy, step=one.epoch)


def _of_judgements(judgements: "Judgements | None") -> Iterator[Measured]:
    for one in judgements.exits if judgements else ():
        for name, value in _figures(one).items():
            yield Measured(name=f"test/{one.exit}/{name}", value=value)


def _figures(one: "Judgement") -> dict[str, float]:
    figures: dict[str, float] = {}
    if one.classification is not None:
        figures |= {
            "accuracy": one.classification.accuracy,
            "log_loss": one.classification.log_loss,
            "macro_f1": one.classification.macro.f1,
        }
    if one.calibration is not None:
        figures |= {"calibration_error": one.calibration.ece, "brier": one.calibration.brier}
    if one.multilabel is not None:
        figures |= {"subset_accuracy": one.multilabel.subset_accuracy, "hamming_loss": one.multilabel.hamming_loss}
    if one.regression is not None:
        figures |= {"rmse": one.regression.overall.rmse, "mae": one.regression.overall.mae}
    return figures
