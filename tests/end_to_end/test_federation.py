"""Sites with a Kafka each train one network: real brokers, agents, control plane and trainers."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.documents import Cluster
from shared.documents.federation_workloads import FederationState, FederationView
from simulations.federation.real_sites import RealSites
from simulations.federation.recorded import Recording, recording, simulated
from simulations.kafka.cluster import KafkaCluster
from tests.end_to_end.federating import ended, enrolled, federation, give, give_evaluation, until
from tests.end_to_end.training import register

pytestmark = [pytest.mark.slow, pytest.mark.timeout(2000)]

NAME = "shapes"
SITES = ("site-a", "site-b")


@pytest.fixture(scope="module")
def sites(broker: KafkaCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealSites]:
    folder = tmp_path_factory.mktemp("federation")
    with RealSites(folder, sites=SITES, federations=(NAME,), bootstrap_servers=broker.bootstrap_servers) as sites:
        with sites.stack.client() as client:
            register(client, NAME)
            enrolled(client, *SITES)
        give_evaluation(sites)
        yield sites


def test_two_sites_train_a_network_that_neither_could_alone(sites: RealSites, tmp_path: Path) -> None:
    """The announcements are Kafka-ML's bytes, by a client that knows Kafka alone."""
    with sites.stack.client() as client:
        client.federations.put(federation(NAME, NAME, *SITES, rounds=6))
        until(client, NAME, lambda view: view.progress.round >= 0)
        for seed, site in enumerate(SITES):
            give(sites, site, 400, seed=seed)
        view = ended(client, NAME)
        version = client.models.get(NAME, view.version)
    assert view.state is FederationState.FINISHED
    assert view.progress.round == 6
    assert {one.name for one in view.progress.participants if one.updates} == set(SITES)
    first, *later = [one.metrics["cloud/accuracy"] for one in view.progress.history]
    assert max(later) > first
    assert version.lineage is not None
    assert version.lineage.federation is not None
    assert set(version.lineage.federation.participants) == set(SITES)
    assert version.lineage.stream.startswith("s-")
    # The simulation, given the same updates in the same order, comes to the same models.
    recorded = asyncio.run(whole(sites.platform, view, tmp_path))
    assert len(recorded.published) == 6
    models = [(one.round, one.model) for one in simulated(recorded, view.federation)]
    assert models == [(one.round, one.model) for one in recorded.published]


async def whole(platform: Cluster, view: FederationView, folder: Path) -> Recording:
    found = await recording(platform, view.federation, view.edition, folder)
    assert found is not None
    await found.go_on()
    return found
