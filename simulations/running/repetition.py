"""One repetition of a cell on a site that stands: a deployment of its own, with topics of its own, and its clients."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shared import topics
from shared.documents import Deployment, ExitPolicy, TierSpec, Uplink
from simulations.demo.example import Example
from simulations.experiment.document import Experiment, Tier
from simulations.links.statistics import LineStatistics
from simulations.running import faults, topology
from simulations.running.clients import Answers, ClientsSettings, Result
from simulations.running.crowd import Crowd
from simulations.running.faults import Done
from simulations.running.site import Site
from simulations.running.swapping import Swapping

READY_DEADLINE_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Repetition:
    """`name` is new on its site. For each client, `due_s`: when its records are due after the load's begin, and
    `images`: which of the sample's they hold."""

    name: str
    experiment: Experiment
    example: Example
    sample: Path
    due_s: Sequence[Sequence[float]]
    images: Sequence[Sequence[int]]
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the clients saw, one entry a record, the faults that were made meanwhile, and what the links carried."""

    results: list[Result]
    faults: list[Done]
    lines: tuple[LineStatistics, ...]


def run(site: Site, repetition: Repetition) -> Outcome:
    """A site on which faults were made is not as it was: use it for nothing else."""
    with Crowd(log=site.layout.log(repetition.name)) as crowd:
        # 1. Deploy; all its topics are there once it is ready.
        deployment = deployment_of(repetition)
        with site.client() as client:
            client.models.register(repetition.example.manifest, repetition.example.folder)
            view = client.deployments.put(deployment)
            client.deployments.wait_until_ready(deployment.name, deadline_s=READY_DEADLINE_S)
        # 2. Let the clients send and hear, and make the faults meanwhile.
        outcome = _let_send(crowd, site, repetition, view.deployment)
    # 3. Leave the site to the next one.
    if not outcome.faults:
        with site.client() as client:
            client.deployments.delete(deployment.name)
    site.has_served = True
    return outcome


def _let_send(crowd: Crowd, site: Site, repetition: Repetition, deployment: Deployment) -> Outcome:
    settings = _clients_settings(site, repetition, deployment)
    began_us = crowd.begin(settings, site.layout.directory / f"{repetition.name}.json")
    site.carried()
    done = faults.make(
        site,
        repetition.experiment.faults,
        swap=Swapping(site=site, example=repetition.example, deployment=deployment).swap,
        began_us=began_us,
        may_go_on=lambda: crowd.is_under_way,
    )
    return Outcome(results=crowd.results(), faults=done, lines=site.carried())


def deployment_of(repetition: Repetition) -> Deployment:
    """What `run` deploys: it says the names of the topics."""
    tiers = tuple(_tier(tier, repetition.experiment) for tier in repetition.experiment.tiers)
    return Deployment(
        name=repetition.name,
        model=repetition.example.manifest.name,
        tiers=tiers,
        delivery=repetition.experiment.delivery,
    )


def _tier(tier: Tier, experiment: Experiment) -> TierSpec:
    is_last = tier is experiment.tiers[-1]
    return TierSpec(
        tier=tier.name,
        cluster=tier.name,
        # So many replicas that some have no partition are refused by number. All nodes of a tier are as many.
        replicas="all" if tier.replicas > tier.partitions else tier.replicas,
        partitions=tier.partitions,
        exit=None if is_last else tier.exit or ExitPolicy(),
        precision=tier.precision,
        threads=tier.threads,
        batching=tier.batching,
        features=tier.features,
        uplink=Uplink(mode=tier.uplink),
    )


def _clients_settings(site: Site, repetition: Repetition, deployment: Deployment) -> ClientsSettings:
    experiment, place = repetition.experiment, topology.clients_place(repetition.experiment)
    first = deployment.tiers[0]
    answers = tuple(
        Answers(
            cluster=site.cluster(tier.tier, seen_from=place),
            answers_topic=topics.answers_topic(deployment),
            dead_letter_topic=topics.dead_letter_topic(deployment),
        )
        for tier in deployment.tiers
    )
    return ClientsSettings(
        cluster=site.cluster(first.tier, seen_from=place),
        topic=topics.input_topic(deployment, first),
        answers=answers,
        sample=str(repetition.sample),
        due_s=tuple(tuple(due) for due in repetition.due_s),
        images=tuple(tuple(some) for some in repetition.images),
        warm_up_s=float(experiment.load.warm_up),
        patience_s=float(experiment.load.patience),
        seed=repetition.seed,
        results=str(site.layout.directory / f"{repetition.name}.results"),
    )
