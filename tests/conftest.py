"""What every test may ask for."""

import gc
import signal
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from simulations.kafka.cluster import KafkaCluster

# How long an example takes says more of the machine than of the code: the bench measures time, tests do not.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def pytest_configure() -> None:
    """Programs that tests start must hear Ctrl-C, which a shell that runs the tests in the background ignores."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # Two frameworks and some thousand tests are half a million objects that stay: not to be looked at again and again.
    gc.set_threshold(100_000, 20, 20)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that may take longest begin first, or in the end all but one worker would wait."""
    longest: dict[Path, float] = {}
    for item in items:
        timeout, is_slow = item.get_closest_marker("timeout"), item.get_closest_marker("slow") is not None
        longest[item.path] = max(longest.get(item.path, 0.0), timeout.args[0] if timeout else float(is_slow))
    items.sort(key=lambda item: -longest[item.path])


@pytest.fixture(scope="session")
def broker() -> Iterator[KafkaCluster]:
    """A real Kafka broker for the whole session. Every test makes topics and groups of its own in it."""
    with KafkaCluster() as cluster:
        yield cluster


@pytest.fixture
def unique() -> str:
    """A prefix for topics and groups that no other test has."""
    return f"test-{uuid.uuid4().hex[:12]}"
