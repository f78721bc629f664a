"""From a stream to answers, by the real programs: announced, trained, judged, exported, registered, deployed."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from agent.training.judging.judgements import Judgements
from shared.documents import Deployment, ExitPolicy, ExportForm, Precision, RunState, Stage, TierSpec, decode
from simulations.kafka.cluster import KafkaCluster
from simulations.stack import Stack
from tests.end_to_end import training
from tests.end_to_end.driving import deploy
from tests.end_to_end.traffic import Traffic

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def stack(broker: KafkaCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    agents = {"edge-1": {"tier": "edge"}, "cloud-1": {"tier": "cloud"}}
    folder = tmp_path_factory.mktemp("training")
    with Stack(folder, agents=agents, bootstrap_servers=broker.bootstrap_servers) as stack:
        with stack.client() as client:
            for tier in ("edge", "cloud"):
                client.clusters.put(stack.cluster(tier))
        yield stack


async def test_a_stream_becomes_a_version_that_answers(stack: Stack, unique: str, tmp_path: Path) -> None:
    forms = (ExportForm(), ExportForm(precision=Precision.INT8))
    with stack.client() as client:
        training.register(client, unique)
        stored = training.stored(client, training.request(unique, epochs=12, forms=forms), unique)
        training.send(stack, stored, unique)
        (started,) = training.runs_of(client, unique)
        run = training.finished(client, started.id)
        assert run.versions[-1].model == unique
        version = client.models.get(unique, run.versions[-1].version)
        judged = next(one for one in run.files if one.name == "judgements.json")
        client.artifacts.download(judged.sha256, tmp_path / "judgements.json")
    # 1. Judged: what it claims of itself is in the run, and where it came from in the version.
    judgements = decode((tmp_path / "judgements.json").read_bytes(), Judgements)
    assert judgements.records == pytest.approx(120, abs=3)
    assert run.test["cloud"].accuracy is not None and run.test["cloud"].accuracy > 0.8
    assert version.lineage is not None
    assert (version.lineage.run, version.lineage.stream, version.lineage.network) == (run.id, run.stream, unique)
    # 2. Deployed, it answers records that no training has seen as well as it was judged to.
    images, labels = training.shapes(200, seed=1)
    tiers = (
        TierSpec(tier="edge", cluster="edge", exit=ExitPolicy(threshold=0.9)),
        TierSpec(tier="cloud", cluster="cloud"),
    )
    deployment = Deployment(name=unique, model=unique, tiers=tiers)
    deploy(stack, deployment)
    traffic = Traffic(deployment=deployment, cluster=stack.cluster("edge"))
    ids = await traffic.send([image.tobytes() for image in images])
    outcome = await traffic.outcome(ids)
    found = [outcome.answers[id][-1].class_ for id in ids]
    right = np.mean([answer == label for answer, label in zip(found, labels.tolist(), strict=True)])
    assert right == pytest.approx(run.test["cloud"].accuracy, abs=0.12)


def test_one_stream_trains_every_network_of_a_configuration(stack: Stack, unique: str) -> None:
    networks = f"{unique}-a", f"{unique}-b"
    with stack.client() as client:
        for network in networks:
            training.register(client, network)
        stored = training.stored(client, training.request(unique), *networks)
        training.send(stack, stored, unique)
        found = [training.finished(client, one.id) for one in training.runs_of(client, unique, 2)]
    assert {one.network for one in found} == set(networks)
    assert len({one.stream for one in found}) == 1
    # The same network, stream, split and seed: the same bits.
    assert found[0].test == found[1].test


def test_a_run_that_is_cancelled_ends_and_can_be_tried_again(stack: Stack, unique: str) -> None:
    with stack.client() as client:
        training.register_torch(client, unique)
        stored = training.stored(client, training.request(unique, epochs=2000, forms=training.TORCH_FORMS), unique)
        training.send(stack, stored, unique)
        (started,) = training.runs_of(client, unique)
        training.at_stage(client, started.id, Stage.FITTING)
        client.runs.cancel(started.id)
        assert training.ended(client, started.id).state is RunState.CANCELLED
        training.idle(client, "cloud-1", f"run.{started.id}")
        client.runs.retry(started.id)
        training.at_stage(client, started.id, Stage.FITTING)
        client.runs.cancel(started.id)


def test_a_source_that_does_not_import_fails_with_its_place(stack: Stack, unique: str, tmp_path: Path) -> None:
    source = tmp_path / "network.py"
    source.write_text("import keras\n\n\ndef network():\n    return keras.Sequentail()\n")
    with stack.client() as client:
        training.register(client, unique, source)
        stored = training.stored(client, training.request(unique), unique)
        training.send(stack, stored, unique)
        (started,) = training.runs_of(client, unique)
        run = training.ended(client, started.id)
    assert run.state is RunState.FAILED
    assert ":5: " in run.reason and "Sequentail" in run.reason
