"""What every test may ask for."""

import signal
import uuid
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from simulations.kafka.cluster import KafkaCluster

# How long an example takes says more of the machine than of the code: the bench measures time, tests do not.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def pytest_configure() -> None:
    """Programs that tests start must hear Ctrl-C, which a shell that runs the tests in the background ignores."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def broker() -> Iterator[KafkaCluster]:
    """A real Kafka broker for the whole session. Every test makes topics and groups of its own in it."""
    with KafkaCluster() as cluster:
        yield cluster


@pytest.fixture
def unique() -> str:
    """A prefix for topics and groups that no other test has."""
    return f"test-{uuid.uuid4().hex[:12]}"
