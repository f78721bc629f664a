"""One run of an experiment: its sites, its coordinator and what came of it. In a process of its own: it takes PyTorch.

The same file and seed give the same model, on the same kind of processor.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from time import perf_counter, process_time
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agent.federation.aggregation.strategies import strategy
from agent.federation.aggregation.strategy import Strategy
from agent.federation.coordinator.replica import digest
from agent.federation.encoding.floats import Float32
from agent.federation.weights import Weights
from agent.training.fitting.learner import Learner
from agent.training.fitting.learners import learner
from agent.training.fitting.period import periods
from agent.training.fitting.pull import Pull
from agent.training.networks.source import load as load_network
from agent.training.networks.torch_network import TorchNetwork, record_of
from shared.documents import Framework, Optimiser, OptimiserName, Schedule, TrainingParameters
from shared.documents.model import Task
from shared.errors import DocumentError
from simulations.federation import lenet, speeds
from simulations.federation.document import Attack, FederationExperiment, site_name
from simulations.federation.following import Following
from simulations.federation.hostile import HostileSite, drawn, flipped
from simulations.federation.links import LinkedSite, encoding_of, size_up
from simulations.federation.outcome import SeedOutcome
from simulations.federation.records import Records, dealt, load
from simulations.federation.said import Going
from simulations.federation.sites import MakeLearner, TrainingSite, judge
from simulations.federation.virtual import Seconds, Site, VirtualFederation

_NETWORK = Path(lenet.__file__)


class _Bench(NamedTuple):
    """What all sites of a run share."""

    experiment: FederationExperiment
    seed: int
    by: Strategy
    make: MakeLearner
    model: Weights
    train: Records


def run(
    experiment: FederationExperiment, folder: Path, seed: int, *, threads: int, told: Callable[[Going], None]
) -> SeedOutcome:
    """`told`: how far it is, at every model. Raises DocumentError, ModelError, SettingsError, UnavailableError."""
    began = perf_counter()
    train, test = load(experiment.data, folder)
    network, make = _learning(experiment, folder, seed, threads=threads)
    # Others than float32 are counts and the like, and stay where they are.
    model = {name: one for name, one in network.weights().items() if one.dtype == np.float32}
    by = strategy(experiment.strategy.name, experiment.strategy.parameters)
    bench = _Bench(experiment, seed, by, make, model, train)
    training = [
        _training(bench, number, rows)
        for number, rows in enumerate(dealt(experiment.data, train.truth, experiment.sites, seed))
    ]
    linked = _linked(bench, training)
    following = Following(
        every=experiment.judge_every,
        last=experiment.stop.rounds,
        judge=judge(make(None, 1), test.inputs, test.truth),
        seen=lambda: sum(one.seen for one in training),
        records=len(train.truth),
        told=told,
    )
    federation = VirtualFederation(
        strategy=by,
        rounds=experiment.rounds,
        stop=experiment.stop,
        sites=_met(bench, linked),
        model=model,
        judge=following.judged,
        told=following.hear,
    )
    federation.run()
    following.finish(federation.replica.model)
    return _outcome(seed, federation, following, linked, real_s=perf_counter() - began)


def _learning(
    experiment: FederationExperiment, folder: Path, seed: int, *, threads: int
) -> tuple[TorchNetwork, MakeLearner]:
    file = _NETWORK if experiment.network is None else folder / experiment.network
    network = load_network(file, Framework.TORCH, seed=seed, threads=threads)
    if not isinstance(network, TorchNetwork):
        raise DocumentError(f"{file} is no network of PyTorch", field="network")
    given = experiment.training
    parameters = TrainingParameters(epochs=given.epochs, batch=given.batch, optimiser=given.optimiser)
    (period,) = periods(parameters, network.exits)
    inputs = record_of(network.example)

    def make(pull: Pull | None, steps: int) -> Learner:
        return learner(network, parameters, period, task=Task.CLASSIFICATION, inputs=inputs, steps=steps, pull=pull)

    return network, _sharing(make) if _keeps_nothing(given.optimiser) else make


def _keeps_nothing(optimiser: Optimiser) -> bool:
    """From one step to the next."""
    return optimiser.name is OptimiserName.SGD and not optimiser.momentum and optimiser.schedule is Schedule.CONSTANT


def _sharing(make: MakeLearner) -> MakeLearner:
    """One learner for all updates is as good where it keeps nothing, and a new one costs a third of a step."""
    shared = make(None, 1)
    return lambda pull, steps: shared if pull is None else make(pull, steps)


def _attacks(bench: _Bench) -> Mapping[int, Attack]:
    """By the number of the site."""
    hostile = bench.experiment.hostile
    return (
        {}
        if hostile is None
        else dict.fromkeys(drawn(bench.experiment.sites, hostile.sites, bench.seed), hostile.attack)
    )


def _linked(bench: _Bench, training: Sequence[TrainingSite]) -> list[LinkedSite]:
    experiment, controls = bench.experiment, bench.by.local.controls
    encoding = encoding_of(experiment.encoding)
    up_bytes = size_up(encoding, bench.model, controls=controls)
    whole = size_up(Float32(), bench.model, controls=controls)
    return [
        LinkedSite(site=one, encoding=encoding, link=experiment.link, up_bytes=up_bytes, down_bytes=whole)
        for one in training
    ]


def _met(bench: _Bench, linked: Sequence[LinkedSite]) -> list[Site]:
    """As the coordinator meets them."""
    attacks = _attacks(bench)
    return [
        HostileSite(honest=one, attack=attacks[number]) if number in attacks else one
        for number, one in enumerate(linked)
    ]


def _training(bench: _Bench, number: int, rows: NDArray[np.intp]) -> TrainingSite:
    experiment, truth = bench.experiment, bench.train.truth[rows]
    given, attack = experiment.training, _attacks(bench).get(number)
    return TrainingSite(
        name=site_name(number),
        inputs=bench.train.inputs[rows],
        truth=flipped(truth, int(bench.train.truth.max()) + 1) if attack is Attack.LABEL_FLIP else truth,
        make=bench.make,
        epochs=given.epochs,
        steps=given.steps,
        batch=given.batch,
        rate=given.optimiser.learning_rate,
        local=bench.by.local,
        seed=bench.seed * experiment.sites + number,
        seconds=partial(_seconds, bench.experiment, bench.seed, number),
        updates=_updates(experiment, number),
        joins_at=_joins_at(experiment, number),
    )


def _seconds(experiment: FederationExperiment, seed: int, site: int, number: int) -> Seconds:
    return speeds.seconds(experiment.speeds, experiment.absence.crashes, seed, site, number)


def _updates(experiment: FederationExperiment, number: int) -> int | None:
    leaving = experiment.absence.leaving
    return leaving.updates if leaving is not None and number >= experiment.sites - leaving.sites else None


def _joins_at(experiment: FederationExperiment, number: int) -> Seconds:
    joining = experiment.absence.joining
    return float(joining.after) if joining is not None and number < joining.sites else 0.0


def _outcome(
    seed: int, federation: VirtualFederation, following: Following, sites: Sequence[LinkedSite], *, real_s: float
) -> SeedOutcome:
    standing = federation.replica.standing
    return SeedOutcome(
        seed=seed,
        versions=tuple(following.versions),
        rounds=standing.round,
        accepted=following.accepted,
        refused=dict(following.refused),
        passes=following.passes,
        virtual_s=federation.now,
        real_s=real_s,
        processor_s=process_time(),
        up_bytes=sum(one.up for one in sites),
        # A whole update is as large as a whole model.
        float32_bytes=sum(one.sent * one.down_bytes for one in sites),
        down_bytes=sum(one.down for one in sites),
        model=digest(federation.replica.model),
        ended=standing.ended,
    )
