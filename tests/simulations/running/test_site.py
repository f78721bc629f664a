"""What a site tells its agents of the clusters."""

from pathlib import Path

import pytest

from simulations.experiment.document import Experiment, Tier
from simulations.running.site import Site


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_topics_outlive_one_of_three_brokers(tmp_path: Path) -> None:
    tiers = (Tier(name="edge", brokers=3), Tier(name="cloud"))
    experiment = Experiment(api_version="fogline/v1", kind="experiment", name="one", tiers=tiers)
    with Site(experiment, tmp_path) as site, site.client() as client:
        replicas = {one.name: one.topics.replication_factor for one in client.clusters.list()}
    assert replicas == {"edge": 3, "cloud": 1}
