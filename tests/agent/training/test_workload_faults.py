"""What goes wrong with a run: one clear line, and a final state where nothing but another document helps."""

from functools import partial

import msgspec
import pytest

from shared.documents import Cluster, Framework, Phase, Stage
from tests.agent.training.running.attempts import Bench, announced, at_work, sent, training

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
ENDS = (Phase.FINISHED, Phase.FAILED)
# None of these gets as far as a network, and PyTorch is there in half the time.
of_torch = partial(training, framework=Framework.TORCH)


@pytest.mark.parametrize(
    ("network", "said"),
    [
        ("import nothing_of_this_name\n", "clouds.py:1: does not import: ModuleNotFoundError"),
        (
            "def network():\n    import socket\n    socket.create_connection(('127.0.0.1', 9), timeout=1)\n",
            "Network is unreachable",
        ),
        (
            "import os\ndef network():\n    raise ValueError([k for k in os.environ if 'FOGLINE' in k])\n",
            "ValueError: []",
        ),
    ],
)
async def test_a_network_that_is_none_fails_for_good_with_its_line(
    bench: Bench, cluster: Cluster, unique: str, network: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOGLINE_AGENT_TOKEN", "secret")
    bench.networks = (network,)
    async with at_work(of_torch(cluster, await sent(cluster, unique), network=network), bench) as work:
        status = await work.until(lambda one: one.phase in ENDS)
    assert status.phase is Phase.FAILED
    assert said in status.reason
    assert status.training is not None
    assert status.training.stage is Stage.FAILED


async def test_a_network_that_reads_what_is_the_nodes_fails_for_good_with_its_line(
    bench: Bench, cluster: Cluster, unique: str
) -> None:
    credential = bench.folder / "credential.json"
    credential.write_text("very-secret")
    network = f"def network():\n    raise ValueError(open({str(credential)!r}).read())\n"
    bench.networks = (network,)
    async with at_work(of_torch(cluster, await sent(cluster, unique), network=network), bench) as work:
        status = await work.until(lambda one: one.phase in ENDS)
    assert status.phase is Phase.FAILED
    assert "clouds.py:2" in status.reason
    assert "PermissionError" in status.reason


async def test_a_network_that_ends_its_process_is_a_crash_tried_again_and_then_final(
    bench: Bench, cluster: Cluster, unique: str
) -> None:
    network = "import os\nos._exit(0)\n"
    bench.networks = (network,)
    document = of_torch(cluster, await sent(cluster, unique), network=network, most_crashes=1)
    async with at_work(document, bench) as work:
        status = await work.until(lambda one: one.phase in ENDS)
    assert status.phase is Phase.FAILED
    assert "ended without a result" in status.reason
    assert status.reason.endswith("this was crash 2 without getting further, and 1 are tried again")
    assert status.training is not None
    assert len(status.training.notices) == 1


async def test_a_run_that_takes_more_memory_than_it_may_says_how_much(
    bench: Bench, cluster: Cluster, unique: str
) -> None:
    document = of_torch(cluster, await sent(cluster, unique), memory_bytes=64 * 2**20, most_crashes=1)
    async with at_work(document, bench) as work:
        status = await work.until(lambda one: one.phase in ENDS)
    assert status.phase is Phase.FAILED
    assert "MiB of memory, and may have 64 MiB; this was crash 2" in status.reason


async def test_a_cluster_that_is_away_is_waited_for(bench: Bench) -> None:
    nobody = Cluster(name="here", bootstrap_servers=("127.0.0.1:9",))
    async with at_work(training(nobody, announced("stream", end=5)), bench) as work:
        status = await work.until(lambda one: "trying again" in one.reason)
        assert status.phase is Phase.RUNNING
        assert status.training is not None
        assert status.training.stage is Stage.READING


async def test_a_disk_that_refuses_is_waited_for_with_its_reason(bench: Bench, cluster: Cluster, unique: str) -> None:
    bench.networks = ("import os\nos._exit(9)\n",)
    document = of_torch(cluster, await sent(cluster, unique), network=bench.networks[0], most_crashes=1)
    shelves = bench.folder / "common" / "shelves"
    shelves.parent.mkdir()
    shelves.touch()
    async with at_work(document, bench) as work:
        status = await work.until(lambda one: "trying again" in one.reason)
        assert str(shelves) in status.reason
        shelves.unlink()
        await work.until(lambda one: one.training is not None and one.training.stage is Stage.LOADING)


async def test_a_source_that_the_control_plane_does_not_have_is_final_and_one_that_is_away_is_not(
    bench: Bench, cluster: Cluster
) -> None:
    bench.networks = ()
    async with at_work(training(cluster, announced("stream", end=5)), bench) as work:
        status = await work.until(lambda one: one.phase in ENDS)
        assert (status.phase, status.reason) == (Phase.FAILED, "no such artifact")
    await bench.control_plane.stop()
    document = msgspec.structs.replace(training(cluster, announced("stream", end=5)), id="run.2", run=2)
    async with at_work(document, bench) as work:
        status = await work.until(lambda one: bool(one.reason))
        assert status.phase is Phase.RUNNING
        assert "cannot connect" in status.reason
