"""The coordinator as a node runs it: from a document to a judged, exported and reported model."""

import asyncio
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import msgspec
import numpy as np
import pytest

from agent.federation.coordinator.topics import Topics
from agent.federation.weights import Weights
from agent.federation.wire.manifests import GlobalManifest, global_manifest
from agent.federation.wire.newest import Found, newest
from agent.federation.wire.tensors import from_bytes
from agent.training import array_file
from agent.workload import RestartNeededError
from shared.documents import ArtifactFormat, Cluster, Export, ExportForm, Phase
from shared.documents.federation import Evaluation, Federation, Rounds, Stop
from shared.documents.run import RunFile
from shared.documents.training_workloads import StartingPoint
from shared.kafka import producer
from shared.streams import control_message
from simulations.kafka.cluster import KafkaCluster
from tests.agent.federation.coordinator.federations import Sites, federation, sites
from tests.agent.federation.coordinator.workloads import Told, at_work, workload
from tests.agent.pretend import pretend_control_plane
from tests.agent.training.running.attempts import TORCH_NETWORK, Bench, sent

# Each loads a framework in a process of its own.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def cluster(broker: KafkaCluster) -> Cluster:
    return Cluster(name="here", bootstrap_servers=tuple(broker.bootstrap_servers.split(",")))


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with pretend_control_plane() as made:
        yield Bench(tmp_path, made, networks=(TORCH_NETWORK,))


async def model_of(cluster: Cluster, topics: Topics, folder: Path, round: int) -> Found[GlobalManifest]:
    async with asyncio.timeout(60):
        while True:
            found, _ = await newest(cluster, topics.models, global_manifest, folder=folder)
            if found is not None and found.manifest.round >= round:
                return found
            await asyncio.sleep(0.1)


async def announce(cluster: Cluster, unique: str, number: int) -> str:
    """A labelled stream for evaluation; the control topic that it is announced on."""
    announcement = await sent(cluster, unique)
    topic = f"{unique}-control"
    async with producer(cluster) as sender:
        key = control_message.request_key(number)
        await sender.send_and_wait(topic, key=key, value=control_message.encode(announcement))
    return topic


def towards(model: Weights) -> Weights:
    return {name: np.full(one.shape, 0.01, np.float32) for name, one in model.items()}


async def learnt(some: Sites, cluster: Cluster, topics: Topics, folder: Path, rounds: int) -> None:
    """A site that sends an update of each model."""
    for number in range(rounds):
        found = await model_of(cluster, topics, folder, number)
        model = {name: one for name, one in from_bytes(found.raw).items() if ":" not in name}
        await some.send("north", number + 1, found.manifest.round, towards(model))


def judged(unique: str, topic: str) -> Federation:
    return federation(
        unique,
        evaluation=Evaluation(number=700, control_topic=topic),
        rounds=Rounds(updates=1),
        stop=Stop(rounds=2),
        labels=("left", "middle", "right"),
        export=Export(forms=(ExportForm(format=ArtifactFormat.TORCH),)),
    )


async def test_a_federation_begins_is_judged_ends_and_is_handed_in(
    cluster: Cluster, bench: Bench, unique: str, tmp_path: Path
) -> None:
    topic = await announce(cluster, unique, 700)
    document, topics = judged(unique, topic), Topics(federation=unique, edition=1)
    told = Told()
    async with sites(cluster, topics) as some, at_work(workload(document, cluster), bench, told) as work:
        await learnt(some, cluster, topics, tmp_path / "site", 2)
        status = await work.until(lambda status: status.phase is Phase.FINISHED)
        assert status.counters == {"rounds": 2, "accepted": 2, "refused": 0}
    last = told.reports[-1]
    assert (last.progress.ended, last.progress.round) == ("rounds", 2)
    assert [one.round for one in last.progress.history] == [1, 2]
    assert set(last.progress.history[-1].metrics) == {"cloud/accuracy", "cloud/loss"}
    outcome = last.outcome
    assert outcome is not None
    assert outcome.manifest is not None
    assert outcome.manifest.name == "clouds"
    assert outcome.lineage is not None
    assert outcome.lineage.federation is not None
    assert outcome.lineage.federation.participants["north"].updates == 2
    assert {"weights.npz", "judgements.json", "test.npz"} <= {one.name for one in outcome.files}
    assert {one.sha256 for one in outcome.files} <= set(bench.control_plane.uploads)
    assert outcome.test["cloud"].accuracy is not None


@pytest.mark.parametrize("is_cancelled", [False, True])
async def test_without_an_evaluation_or_cancelled_it_leaves_its_weights_alone(
    cluster: Cluster, bench: Bench, unique: str, tmp_path: Path, *, is_cancelled: bool
) -> None:
    document = workload(federation(unique, stop=Stop(rounds=9 if is_cancelled else 1)), cluster)
    topics, told = Topics(federation=unique, edition=1), Told()
    async with sites(cluster, topics) as some, at_work(document, bench, told) as work:
        await learnt(some, cluster, topics, tmp_path / "site", 1)
        last = await model_of(cluster, topics, tmp_path / "site", 1)
        if is_cancelled:
            await work.coordinator.update(msgspec.structs.replace(document, is_cancelled=True))
        await work.until(lambda status: status.phase is Phase.FINISHED)
    report = told.reports[-1]
    assert report.progress.ended == ("cancelled" if is_cancelled else "rounds")
    assert report.outcome is not None
    assert (report.outcome.manifest, report.outcome.lineage) == (None, None)
    (file,) = report.outcome.files
    kept = tmp_path / "weights.npz"
    kept.write_bytes(bench.control_plane.uploads[file.sha256])
    arrays = array_file.read(kept)
    assert {name: one.tolist() for name, one in arrays.items()} == {
        name: one.tolist() for name, one in from_bytes(last.raw).items()
    }


async def test_it_pauses_goes_on_and_takes_newcomers_while_it_runs(
    cluster: Cluster, bench: Bench, unique: str, tmp_path: Path
) -> None:
    document = workload(federation(unique, stop=Stop(rounds=2)), cluster)
    topics, told = Topics(federation=unique, edition=1), Told()
    alone = msgspec.structs.replace(document, participants={"east": document.participants["east"]}, is_paused=True)
    async with sites(cluster, topics) as some, at_work(alone, bench, told) as work:
        await model_of(cluster, topics, tmp_path / "site", 0)
        await learnt(some, cluster, topics, tmp_path / "site", 1)
        # 1. Somebody is invited who has sent something already; no round closes while it is paused.
        await work.coordinator.update(msgspec.structs.replace(document, is_paused=True))
        await work.until(lambda status: status.counters["accepted"] == 1)
        await told.until(lambda report: report.progress.is_paused and report.progress.accepted == 1)
        assert work.coordinator.status().counters["rounds"] == 0
        # 2. It goes on.
        await work.coordinator.update(document)
        await work.until(lambda status: status.counters["rounds"] == 1)
        # 3. Another federation is nothing that it could turn into.
        other = msgspec.structs.replace(document, edition=2)
        with pytest.raises(RestartNeededError):
            await work.coordinator.update(other)


async def test_whoever_does_not_coordinate_any_more_stops(
    cluster: Cluster, bench: Bench, unique: str, tmp_path: Path
) -> None:
    told = Told(refusal=409)
    async with at_work(workload(federation(unique), cluster), bench, told) as work:
        status = await work.until(lambda status: status.phase is Phase.FAILED)
        assert "the control plane says: told to refuse" in status.reason
        assert not status.for_good


async def test_a_control_plane_that_is_away_is_told_the_newest_when_it_is_back(
    cluster: Cluster, bench: Bench, unique: str, tmp_path: Path
) -> None:
    document = workload(federation(unique, stop=Stop(rounds=2)), cluster)
    topics, told = Topics(federation=unique, edition=1), Told(refusal=503)
    async with sites(cluster, topics) as some, at_work(document, bench, told) as work:
        await learnt(some, cluster, topics, tmp_path / "site", 1)
        await work.until(lambda status: status.counters["rounds"] == 1 and "told to refuse" in status.reason)
        told.refusal = None
        report = await told.until(lambda report: report.progress.round == 1)
        assert [one.name for one in report.progress.participants] == ["east", "north", "south"]
        assert report.progress.history[0].staleness == {"north": 0}


async def test_a_full_disk_and_an_absent_kafka_are_waited_for_with_their_reason(
    cluster: Cluster, bench: Bench, unique: str, tmp_path: Path
) -> None:
    document = workload(federation(unique, stop=Stop(rounds=1)), cluster)
    topics = Topics(federation=unique, edition=1)
    # 1. Nothing answers where Kafka should be.
    nowhere = msgspec.structs.replace(cluster, bootstrap_servers=("127.0.0.1:1",))
    async with at_work(msgspec.structs.replace(document, clusters=(nowhere,)), bench) as work:
        await work.until(lambda status: status.phase is Phase.RUNNING and "trying again" in status.reason)
    # 2. Chunks cannot be kept.
    spool = bench.folder / "spool"
    spool.mkdir()
    (spool / "updates").write_bytes(b"in the way")
    async with sites(cluster, topics) as some, at_work(document, bench) as work:
        await model_of(cluster, topics, tmp_path / "site", 0)
        await work.until(lambda status: "trying again" in status.reason)
        await learnt(some, cluster, topics, tmp_path / "site", 1)
        (spool / "updates").unlink()
        await work.until(lambda status: status.phase is Phase.FINISHED)


async def test_a_damaged_log_is_not_gone_on_with(cluster: Cluster, bench: Bench, unique: str, tmp_path: Path) -> None:
    topics = Topics(federation=unique, edition=1)
    async with sites(cluster, topics), producer(cluster) as sender:
        await sender.send_and_wait(topics.decisions, value=b"no decision")
        async with at_work(workload(federation(unique), cluster), bench) as work:
            status = await work.until(lambda status: status.phase is Phase.FAILED)
            assert "the log is damaged: what lies at 0 is no decision" in status.reason
            assert status.for_good


async def test_a_federation_starts_from_the_weights_of_a_version(
    cluster: Cluster, bench: Bench, unique: str, tmp_path: Path
) -> None:
    weights = {"cloud.0.weight": np.full((3, 12), 0.5, np.float32), "cloud.0.bias": np.ones(3, np.float32)}
    array_file.write(tmp_path / "start.npz", weights)
    content = (tmp_path / "start.npz").read_bytes()
    digest = sha256(content).hexdigest()
    bench.control_plane.artifacts[digest] = content
    file = RunFile(name="weights.npz", sha256=digest, size_bytes=len(content))
    start = StartingPoint(model="clouds", version=3, weights=file)
    document = msgspec.structs.replace(workload(federation(unique), cluster), start_from=start)
    async with sites(cluster, Topics(federation=unique, edition=1)), at_work(document, bench):
        found = await model_of(cluster, Topics(federation=unique, edition=1), tmp_path / "site", 0)
    assert {name: one.tolist() for name, one in from_bytes(found.raw).items()} == {
        name: one.tolist() for name, one in weights.items()
    }
