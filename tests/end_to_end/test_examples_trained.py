"""The examples that are trained from a stream, by the real programs: sent as their pages say, then asked."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest

import fogline
from examples.mnist_chain.digits import digits
from examples.rooms import send as rooms_send
from examples.rooms.readings import LABELS, readings, write_table
from fogline.network_files import named_files, network_source
from shared.documents import ArtifactFormat, Configuration, Deployment, Framework, RunView, TrainingRequest, decode
from simulations.kafka.cluster import KafkaCluster
from simulations.stack import Stack
from tests.end_to_end import training
from tests.end_to_end.driving import TIERS, deploy
from tests.end_to_end.traffic import Traffic

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
EXAMPLES = Path(fogline.__file__).parents[1] / "examples"
# Numbers that no other test of this broker announces to, on the control topic that all of them share.
DIGITS, ROOMS, CLOTHES = 201, 202, 203


@pytest.fixture(scope="module")
def stack(broker: KafkaCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    agents = {f"{tier}-1": {"tier": tier} for tier in TIERS}
    folder = tmp_path_factory.mktemp("examples")
    with Stack(folder, agents=agents, bootstrap_servers=broker.bootstrap_servers) as stack:
        with stack.client() as client:
            for tier in TIERS:
                client.clusters.put(stack.cluster(tier))
        yield stack


async def test_sub_models_written_apart_learn_from_a_script_that_knows_kafka_alone(
    stack: Stack, unique: str, tmp_path: Path
) -> None:
    parts = [f"{tier}={EXAMPLES / 'mnist_chain' / tier}.py" for tier in TIERS]
    put(stack, unique, parts, "mnist_chain", number=DIGITS, epochs=6)
    images, labels = digits(2000, seed=0)
    np.savez(tmp_path / "train.npz", images=images, labels=labels)
    script = str(EXAMPLES / "mnist_chain" / "send.py")
    line = ["train.npz", "--brokers", stack.bootstrap_servers, "--topic", unique, "--deployment", str(DIGITS)]
    python(script, *line, cwd=tmp_path)
    run = finished(stack, unique)
    assert list(run.exits) == list(TIERS)
    images, labels = digits(200, seed=1)
    right = await share_right(stack, unique, "mnist_chain", [one.tobytes() for one in images], labels.tolist())
    assert right == pytest.approx(run.test["cloud"].accuracy, abs=0.12)
    assert right > 0.7


async def test_a_table_trains_the_same_network_as_avro_and_as_csv(stack: Stack, unique: str, tmp_path: Path) -> None:
    put(stack, unique, [str(EXAMPLES / "rooms" / "network.py")], "rooms", number=ROOMS, epochs=6)
    rooms_send.send(stack.bootstrap_servers, ROOMS, count=1500, topic=f"{unique}.avro")
    avro = finished(stack, unique)
    write_table(tmp_path / "readings.csv", count=1500)
    line = ["readings.csv", "--topic", f"{unique}.csv", "--label-column", "people", "--request", unique]
    command(stack, "streams", "send", *line, "--validation", "0.1", "--test", "0.2", cwd=tmp_path)
    csv = finished(stack, unique, count=2)
    assert csv.test == avro.test
    asked = list(readings(200, seed=1))
    values = [json.dumps(list(reading)).encode() for reading, _ in asked]
    right = await share_right(stack, unique, "rooms", values, [LABELS.index(label) for _, label in asked])
    assert right == pytest.approx(csv.test["cloud"].accuracy, abs=0.12)
    assert right > 0.7


async def test_a_pytorch_network_is_trained_and_answers_as_exported_programs(stack: Stack, unique: str) -> None:
    source = [str(EXAMPLES / "pytorch_network" / "network.py")]
    put(stack, unique, source, "pytorch_network", number=CLOTHES, epochs=4, framework=Framework.TORCH)
    with np.load(EXAMPLES / "fashion_mnist" / "sample.npz") as sample:
        images, labels = sample["images"], sample["labels"]
    with fogline.Stream(stack.bootstrap_servers, unique, request=CLOTHES, validation_rate=0.1, test_rate=0.2) as stream:
        stream.send_many(images[:800], labels[:800])
    run = finished(stack, unique)
    with stack.client() as client:
        version = client.models.get(unique, run.versions[-1].version)
    formats = {artifact.format for tier in version.manifest.sub_models for artifact in tier.artifacts}
    assert formats == {ArtifactFormat.TORCH}
    values = [one.tobytes() for one in images[800:900]]
    assert await share_right(stack, unique, "pytorch_network", values, labels[800:900].tolist()) > 0.3


def put(
    stack: Stack,
    name: str,
    files: Sequence[str],
    example: str,
    *,
    number: int,
    epochs: int,
    framework: Framework = Framework.KERAS,
) -> None:
    """Its network and its request, by the example's own documents, under another name and for fewer epochs."""
    document = decode((EXAMPLES / example / "request.json").read_bytes(), TrainingRequest)
    parameters = msgspec.structs.replace(document.parameters, epochs=epochs)
    made = msgspec.structs.replace(
        document, name=name, configuration=name, number=number, parameters=parameters, threads=1
    )
    named = named_files(files)
    with stack.client() as client:
        for file in named.values():
            client.artifacts.upload(file)
        client.networks.put(network_source(name, named, framework=framework, description=""))
        client.configurations.put(Configuration(name=name, networks=(name,)))
        client.requests.put(made)


def finished(stack: Stack, name: str, *, count: int = 1) -> RunView:
    """The latest of so many runs of the request, once it has ended well."""
    with stack.client() as client:
        latest = max(one.id for one in training.runs_of(client, name, count))
        return training.finished(client, latest)


async def share_right(stack: Stack, name: str, example: str, values: Sequence[bytes], labels: Sequence[int]) -> float:
    """Of the answers of what was trained, deployed by the example's own document under another name."""
    document = decode((EXAMPLES / example / "deployment.json").read_bytes(), Deployment)
    deployment = msgspec.structs.replace(document, name=name, model=name)
    deploy(stack, deployment)
    traffic = Traffic(deployment=deployment, cluster=stack.cluster("edge"))
    ids = await traffic.send(values)
    outcome = await traffic.outcome(ids)
    found = [outcome.answers[id][-1].class_ for id in ids]
    return sum(answer == label for answer, label in zip(found, labels, strict=True)) / len(labels)


def command(stack: Stack, *arguments: str, cwd: Path) -> None:
    credential = str(stack.layout.credential_file)
    python("-m", "fogline", *arguments, "--url", stack.url, "--credential-file", credential, cwd=cwd)


def python(*arguments: str, cwd: Path) -> None:
    done = subprocess.run([sys.executable, *arguments], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
