"""The real programs over the session's broker, one stack a test."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from shared.documents import Deployment
from simulations.demo.example import Example
from simulations.demo.feed import Sample
from simulations.kafka.cluster import KafkaCluster
from simulations.stack import Stack
from tests.end_to_end.driving import example_stack
from tests.end_to_end.traffic import Traffic


@pytest.fixture(scope="session")
def example() -> Example:
    return Example.load()


@pytest.fixture(scope="session")
def sample(example: Example) -> Sample:
    return Sample.load(example.sample)


@pytest.fixture(scope="session")
def images(sample: Sample) -> NDArray[Any]:
    return np.ascontiguousarray(sample.images)


@pytest.fixture
def stack(broker: KafkaCluster, tmp_path: Path, example: Example) -> Iterator[Stack]:
    """One a test. Modules whose tests leave it as it was share one, by a fixture of the same name."""
    with example_stack(tmp_path, broker, example) as stack:
        yield stack


@pytest.fixture
def deployment(example: Example, unique: str) -> Deployment:
    """The example's, under a name, and so with topics, of this test's own."""
    return msgspec.structs.replace(example.deployment, name=unique)


@pytest.fixture
def traffic(stack: Stack, deployment: Deployment) -> Traffic:
    return Traffic(deployment=deployment, cluster=stack.cluster("edge"))
