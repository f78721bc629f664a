"""The files that an experiment names: there, readable, and fit for it, before anything is started."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from shared.documents import ModelManifest
from shared.errors import DocumentError, SettingsError
from simulations.demo.example import Example
from simulations.demo.feed import Sample
from simulations.experiment.check import MANY_CELLS
from simulations.experiment.document import Arrivals, Load, Network, Tier
from simulations.experiment.problem import Problem
from simulations.experiment.read import ExperimentFile, trace
from simulations.experiment.sweep import changed, combinations


def problems(file: ExperimentFile) -> tuple[Problem, ...]:
    """Of an experiment without errors by `check.problems`. What several cells name is told once."""
    cells = [changed(file.experiment, one) for one in islice(combinations(file.experiment.sweep), MANY_CELLS)]
    traces = {cell.load.trace: cell.load for cell in cells if cell.load.arrivals is Arrivals.TRACE}
    networks = {(cell.network, cell.tiers): cell.network for cell in cells}
    found = [problem for load in traces.values() for problem in _of_trace(load, file.folder)]
    for (_, tiers), network in networks.items():
        found += _of_network(network, tiers, file.folder)
    return tuple(dict.fromkeys(found))


def example(network: Network, folder: Path) -> Example:
    """Raises SettingsError when there is none, DocumentError when its documents are damaged."""
    return Example.load(None if network.example is None else folder / network.example)


def sample_file(network: Network, folder: Path) -> Path:
    """As `example`."""
    return example(network, folder).sample if network.sample is None else folder / network.sample


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
    yield from _of_sample(network, manifest, folder)
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


def _of_sample(network: Network, manifest: ModelManifest, folder: Path) -> Iterator[Problem]:
    remedy = "a .npz with `images` as the network takes them, and `labels`"
    try:
        sample = Sample.load(sample_file(network, folder))
    except SettingsError as error:
        yield Problem(field="network.sample", text=_reason(error), remedy=remedy)
        return
    wanted, found = manifest.sub_models[0].input.shape, sample.images.shape[1:]
    if wanted != found:
        text = f"has images of the shape {found}, and {manifest.name} takes {wanted}"
        yield Problem(field="network.sample", text=text, remedy=remedy)
    if network.planted is not None:
        there = set() if sample.leaves is None else set(sample.leaves.tolist())
        missing = [str(tier) for tier in range(len(manifest.sub_models)) if tier not in there]
        if missing:
            yield Problem(
                field="network.planted",
                text=f"the sample has no images that {', '.join(missing)} exits are unsure of",
                remedy="a sample that says so of each image with `leaves`",
            )


def _reason(error: DocumentError | SettingsError) -> str:
    return error.reason if isinstance(error, DocumentError) else str(error)
