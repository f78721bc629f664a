"""The files that an experiment names: there, readable, and fit for it, before anything is started."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from shared.errors import DocumentError, SettingsError
from simulations.demo.example import Example
from simulations.experiment.check import MANY_CELLS
from simulations.experiment.document import Arrivals, Load, Network, Tier
from simulations.experiment.problem import Problem
from simulations.experiment.read import ExperimentFile, trace
from simulations.experiment.sweep import changed, combinations


def problems(file: ExperimentFile) -> tuple[Problem, ...]:
    """Of an experiment without errors by `check.problems`. What several cells name is told once."""
    cells = [changed(file.experiment, one) for one in islice(combinations(file.experiment.sweep), MANY_CELLS)]
    traces = {cell.load.trace: cell.load for cell in cells if cell.load.arrivals is Arrivals.TRACE}
    networks = {(cell.network.example, cell.tiers): cell.network for cell in cells}
    found = [problem for load in traces.values() for problem in _of_trace(load, file.folder)]
    for (_, tiers), network in networks.items():
        found += _of_network(network, tiers, file.folder)
    return tuple(dict.fromkeys(found))


def example(network: Network, folder: Path) -> Example:
    """Raises SettingsError when there is none, DocumentError when its documents are damaged."""
    return Example.load(None if network.example is None else folder / network.example)


def _of_trace(load: Load, folder: Path) -> Iterator[Problem]:
    try:
        trace(load, folder)
    except (DocumentError, SettingsError) as error:
        yield Problem(field="load.trace", text=_reason(error), remedy="a file of seconds, one number a line")


def _of_network(network: Network, tiers: tuple[Tier, ...], folder: Path) -> Iterator[Problem]:
    try:
        manifest = example(network, folder).manifest
    except (DocumentError, SettingsError) as error:
        yield Problem(field="network.example", text=_reason(error), remedy="a folder like examples/fashion_mnist")
        return
    names = [sub_model.tier for sub_model in manifest.sub_models]
    for tier in tiers:
        sub_model = manifest.sub_model(tier.name)
        if sub_model is None:
            yield Problem(
                field=f"tiers.{tier.name}",
                text=f"has no sub-model in {manifest.name}",
                remedy=f"name tiers as its sub-models: {', '.join(names)}",
            )
        elif all(artifact.precision is not tier.precision for artifact in sub_model.artifacts):
            there = sorted({artifact.precision.value for artifact in sub_model.artifacts})
            yield Problem(
                field=f"tiers.{tier.name}.precision",
                text=f"{manifest.name} has no {tier.precision} artifact for this tier",
                remedy=f"there is {', '.join(there)}",
            )


def _reason(error: DocumentError | SettingsError) -> str:
    return error.reason if isinstance(error, DocumentError) else str(error)
