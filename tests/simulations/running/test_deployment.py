"""What a repetition asks of the control plane."""

import pytest

from simulations.demo.example import Example
from simulations.experiment.document import Experiment, Tier
from simulations.running.repetition import Repetition, deployment_of


@pytest.mark.parametrize(
    ("replicas", "partitions", "asked"),
    [
        pytest.param(8, 8, 8, id="a partition each"),
        pytest.param(2, 8, 2, id="several partitions each"),
        pytest.param(8, 1, "all", id="more than there are partitions"),
    ],
)
def test_idle_replicas_are_asked_for_as_all_nodes_of_a_tier(replicas: int, partitions: int, asked: int | str) -> None:
    example = Example.load()
    experiment = Experiment(
        api_version="fogline/v1",
        kind="experiment",
        name="one-tier",
        tiers=(Tier(name="edge", replicas=replicas, partitions=partitions),),
    )
    repetition = Repetition(
        name="one", experiment=experiment, example=example, sample=example.sample, due_s=[[0.0]], images=[[0]], seed=1
    )
    (tier,) = deployment_of(repetition).tiers
    assert (tier.replicas, tier.partitions) == (asked, partitions)
