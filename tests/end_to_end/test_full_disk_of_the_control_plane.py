"""A disk that fills up under a running control plane: changes are refused whole, and what was stored is answered."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.client import Client
from shared.documents import Cluster, EnrolmentTokenRequest
from shared.errors import ControlPlaneError
from tests.controlplane.program import program
from tests.end_to_end.small_disk import small_disk

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

# SQLite calls a limit on the size of files an I/O error, for which 503 is the answer.
REFUSALS = {507, 503}


def refused(change: Callable[[], object]) -> str:
    with pytest.raises(ControlPlaneError, match="free") as caught:
        change()
    assert caught.value.status in REFUSALS
    return str(caught.value)


def cluster(number: int) -> Cluster:
    return Cluster(name=f"cluster-{number}", bootstrap_servers=("kafka.example:9092",))


def test_a_change_that_finds_a_full_disk_is_refused_whole_and_may_be_made_again(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """1. one cluster is stored; 2. the disk is full; 3. others are refused, until there is room; 4. a restart finds
    what was acknowledged, and nothing else."""
    with small_disk(tmp_path / "state", size="2m") as disk:
        record_property("disk", disk.how)
        with program(disk.path) as running, Client(running.url, credential=running.credential) as client:
            client.clusters.put(cluster(0))
            with disk.full(running.process.pid):
                stored = changes_until_refused(client)
                assert "\n" not in refused(lambda: client.tokens.create(EnrolmentTokenRequest()))
                assert [one.name for one in client.clusters.list()] == [one.name for one in stored]
            client.clusters.put(cluster(len(stored)))
        with program(disk.path) as running, Client(running.url, credential=running.credential) as client:
            assert [one.name for one in client.clusters.list()] == [cluster(n).name for n in range(len(stored) + 1)]


def changes_until_refused(client: Client, most: int = 9) -> list[Cluster]:
    """What the pages that a database has already may still hold, and then a refusal that names the database."""
    stored = [cluster(0)]
    while len(stored) <= most:
        try:
            client.clusters.put(cluster(len(stored)))
        except ControlPlaneError as error:
            assert "controlplane.sqlite" in str(error)
            return stored
        stored.append(cluster(len(stored)))
    raise AssertionError("the disk is not full")


def test_an_upload_that_does_not_fit_is_refused_and_resumed_once_it_does(tmp_path: Path) -> None:
    content = os.urandom(600_000)
    digest = hashlib.sha256(content).hexdigest()
    file = tmp_path / "network.tflite"
    file.write_bytes(content)
    with (
        small_disk(tmp_path / "state", size="2m") as disk,
        program(disk.path) as running,
        Client(running.url, credential=running.credential) as client,
    ):
        with disk.full(running.process.pid, leaving=300_000):
            refused(lambda: client.artifacts.upload(file))
            assert not client.artifacts.state(digest).complete
        assert client.artifacts.upload(file).complete
