"""From a finished run to where it is best cut, by the real programs: trained, timed on two nodes, its link measured."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from agent.training.cutting.network import Profile
from shared.documents import Export, decode
from shared.documents.profile import ProfiledTier, ProfileState, Profiling
from simulations.kafka.cluster import KafkaCluster
from simulations.stack import Stack
from tests.end_to_end import training

pytestmark = [pytest.mark.slow, pytest.mark.timeout(500)]


@pytest.fixture(scope="module")
def stack(broker: KafkaCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    agents = {"edge-1": {"tier": "edge"}, "cloud-1": {"tier": "cloud"}}
    with Stack(tmp_path_factory.mktemp("profile"), agents=agents, bootstrap_servers=broker.bootstrap_servers) as stack:
        with stack.client() as client:
            client.clusters.put(stack.cluster("cloud"))
        yield stack


def test_a_run_is_timed_where_it_may_run_and_cut_by_what_was_found(stack: Stack, unique: str, tmp_path: Path) -> None:
    source = tmp_path / "network.py"
    source.write_text(training.NETWORK.read_text().replace("layers.ReLU()", 'layers.ReLU(name="seen")'))
    with stack.client() as client:
        training.register(client, unique, source)
        wanted = replace(training.request(unique), export=Export(profiled=("seen",)))
        stored = training.stored(client, wanted, unique)
        training.send(stack, stored, unique)
        (started,) = training.runs_of(client, unique)
        run = training.finished(client, started.id)
        tiers = (
            ProfiledTier(tier="edge", selector={"tier": "edge"}),
            ProfiledTier(tier="cloud", selector={"tier": "cloud"}, cluster="cloud"),
        )
        client.profiles.put(Profiling(name=unique, run=run.id, tiers=tiers, repetitions=20, deadline_s=200))
        view = client.profiles.wait(unique, deadline_s=240)
        assert view.state is ProfileState.FINISHED, view.reason
        credential = stack.layout.credential_file
        out = tmp_path / "profile.json"
        words = ["models", "cut", "--profile", unique, "--threshold", "0.6", "--out", str(out)]
        command = [sys.executable, "-m", "fogline", *words, "--url", client.url, "--credential-file", str(credential)]
        said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.startswith("Least expected latency")
    profile = decode(out.read_bytes(), Profile)
    assert [(one.name, one.exit) for one in profile.network.cuts] == [("seen", "edge")]
    assert [len(one.segments) for one in profile.tiers] == [3, 3]
    assert all(segment.time_s > 0 for one in profile.tiers for segment in one.segments)
    assert profile.links[0].bytes_per_s > 1e6
    assert 0 <= profile.alive["seen"] <= 1
