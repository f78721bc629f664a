"""`fogline send` and `fogline watch` on a real broker; the answers come from the test."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord

from shared import kafka
from shared.client import Client
from shared.documents import Cluster, Sasl, SaslMechanism, SecurityProtocol
from simulations.kafka.cluster import KafkaCluster
from tests.fogline.stage import Fogline

EXAMPLE = Path(__file__).parents[3] / "examples" / "sensor"
FOGLINE = Path(sys.executable).with_name("fogline")


@pytest.fixture
def cluster(broker: KafkaCluster, unique: str) -> Cluster:
    return Cluster(name=unique, bootstrap_servers=(broker.bootstrap_servers,))


def make_topics(cluster: Cluster, *names: str, partitions: int = 1) -> None:
    async def make() -> None:
        async with kafka.admin(cluster) as admin:
            for name in names:
                await kafka.ensure_topic(admin, cluster, name, partitions=partitions)

    asyncio.run(make())


def read(cluster: Cluster, topic: str, count: int) -> "list[ConsumerRecord[bytes | None, bytes]]":
    async def consume() -> "list[ConsumerRecord[bytes | None, bytes]]":
        consumer: AIOKafkaConsumer = kafka.consumer(cluster, group=None)
        consumer.subscribe([topic])
        await consumer.start()
        try:
            async with asyncio.timeout(20):
                return [await consumer.getone() for _ in range(count)]
        finally:
            await consumer.stop()

    return asyncio.run(consume())


@pytest.fixture
def npz(tmp_path: Path) -> Path:
    file = tmp_path / "sample.npz"
    np.savez(file, images=np.arange(30, dtype="u1").reshape(10, 3), labels=np.arange(10) % 3)
    return file


def test_every_row_arrives_in_order_with_its_key_and_an_id_that_ends_with_its_row(
    fogline: Fogline, cluster: Cluster, npz: Path, unique: str
) -> None:
    make_topics(cluster, unique)
    servers = cluster.bootstrap_servers[0]
    said = fogline("send", npz, "--topic", unique, "--bootstrap-servers", servers, "--keys", "labels", "--json")
    assert (said.code, said.err) == (0, "")
    assert (said.document["records"], said.document["bytes"]) == (10, 30)
    records = read(cluster, unique, 10)
    assert [record.value for record in records] == [bytes(range(n, n + 3)) for n in range(0, 30, 3)]
    assert [record.key for record in records] == [str(n % 3).encode() for n in range(10)]
    ids = [dict(record.headers)["fogline-id"] for record in records]
    assert [int.from_bytes(one[8:], "big") for one in ids] == list(range(10))
    assert len({one[:8] for one in ids}) == 1


def test_a_limit_may_take_many_passes_and_bare_records_have_no_headers(
    fogline: Fogline, cluster: Cluster, npz: Path, unique: str
) -> None:
    make_topics(cluster, unique)
    servers = cluster.bootstrap_servers[0]
    options = ["--limit", 25, "--repeat", "--bare", "--topic", unique, "--bootstrap-servers", servers]
    said = fogline("send", npz, *options)
    assert said.code == 0
    assert said.out.startswith("25 records")
    records = read(cluster, unique, 25)
    assert records[24].value == bytes((12, 13, 14))
    assert {record.headers for record in records} == {()}


def test_ids_of_two_passes_differ(fogline: Fogline, cluster: Cluster, npz: Path, unique: str) -> None:
    make_topics(cluster, unique)
    servers = cluster.bootstrap_servers[0]
    fogline("send", npz, "--repeat", "--limit", 20, "--topic", unique, "--bootstrap-servers", servers)
    assert len({dict(record.headers)["fogline-id"] for record in read(cluster, unique, 20)}) == 20


def test_a_rate_is_kept(fogline: Fogline, cluster: Cluster, npz: Path, unique: str) -> None:
    make_topics(cluster, unique)
    servers = cluster.bootstrap_servers[0]
    said = fogline("send", npz, "--rate", 20, "--topic", unique, "--bootstrap-servers", servers, "--json")
    assert said.document["seconds"] >= 9 / 20


def test_a_topic_that_is_not_there_is_not_made(fogline: Fogline, cluster: Cluster, npz: Path, unique: str) -> None:
    said = fogline("send", npz, "--topic", unique, "--bootstrap-servers", cluster.bootstrap_servers[0])
    assert said.code == 7
    assert f"has no topic {unique!r}" in said.err


def test_a_topic_is_nowhere_when_nothing_says_where(fogline: Fogline, npz: Path) -> None:
    said = fogline("send", npz, "--topic", "t")
    assert said.code == 2
    assert "where is that topic?" in said.err


def test_control_c_ends_sending_with_130(cluster: Cluster, unique: str) -> None:
    make_topics(cluster, unique)
    command = [str(FOGLINE), "send", "-", "--topic", unique, "--bootstrap-servers", cluster.bootstrap_servers[0]]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as sender:
        assert sender.stdin is not None
        sender.stdin.write('{"x": 1}\n')
        sender.stdin.flush()
        read(cluster, unique, 1)
        sender.send_signal(signal.SIGINT)
        assert sender.wait(20) == 130
        assert sender.stderr is not None
        assert sender.stderr.read() == ""


def test_a_cluster_that_is_not_there_is_one_line_and_7(fogline: Fogline, npz: Path) -> None:
    said = fogline("send", npz, "--topic", "t", "--bootstrap-servers", "127.0.0.1:9")
    assert (said.code, len(said.err.splitlines())) == (7, 1)


def test_lines_from_a_pipe_are_sent_as_they_come(cluster: Cluster, unique: str) -> None:
    """The first line is delivered while the second has not been written yet."""
    make_topics(cluster, unique)
    servers = cluster.bootstrap_servers[0]
    command = [str(FOGLINE), "send", "-", "--topic", unique, "--bootstrap-servers", servers, "--json"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as sender:
        assert sender.stdin is not None
        sender.stdin.write('{"x": 1}\n')
        sender.stdin.flush()
        assert read(cluster, unique, 1)[0].value == b'{"x": 1}'
        out, _ = sender.communicate('{"x": 2}\n', timeout=20)
    assert json.loads(out)["records"] == 2


@pytest.fixture
def deployed(
    control_plane: tuple[str, Path], connected: Fogline, cluster: Cluster, tmp_path: Path, unique: str
) -> Iterator[str]:
    """The sensor example on the broker, with its topics and without any agent."""
    url, credential_file = control_plane
    with Client(url, credential=credential_file.read_text().strip()) as client:
        client.clusters.put(cluster)
    assert connected("models", "register", EXAMPLE).code == 0
    document = {
        "name": unique,
        "model": "machine-vibrations",
        "decoder": {"kind": "json"},
        "tiers": [
            {"tier": "edge", "cluster": unique, "exit": {"threshold": 0.5}},
            {"tier": "cloud", "cluster": unique},
        ],
    }
    (tmp_path / "deployment.json").write_text(json.dumps(document))
    assert connected("deployments", "put", tmp_path / "deployment.json").code == 0
    make_topics(cluster, f"fogline.{unique}.edge", f"fogline.{unique}.answers", partitions=2)
    yield unique
    connected("deployments", "delete", unique)


def answer(row: int, *, tier: str, class_: int) -> bytes:
    document = {
        "id": f"{'ab' * 8}{row:016x}",
        "deployment": "d",
        "values": [0.1, 0.9],
        "class": class_,
        "label": None,
        "confidence": 0.9,
        "tier": tier,
        "node": f"{tier}-1",
        "model": "machine-vibrations",
        "version": 1,
        "degraded": tier == "edge" and row == 0,
        "latency_ms": 5.0,
        "trail": [],
    }
    return json.dumps(document).encode()


def produce(cluster: Cluster, topic: str, values: list[bytes]) -> None:
    async def send() -> None:
        producer = kafka.producer(cluster)
        await producer.start()
        try:
            for value in values:
                await producer.send_and_wait(topic, value)
        finally:
            await producer.stop()

    asyncio.run(send())


def test_records_go_to_the_first_tier_of_a_deployment(connected: Fogline, deployed: str, cluster: Cluster) -> None:
    sample = EXAMPLE / "sample.jsonl"
    said = connected("send", deployed, sample, "--field", "record", "--limit", 5)
    assert (said.code, said.err) == (0, "")
    values = [record.value for record in read(cluster, f"fogline.{deployed}.edge", 5)]
    sent = [json.loads(line)["record"] for line in sample.read_text().splitlines()[:5]]
    assert sorted(json.dumps(json.loads(value)) for value in values) == sorted(map(json.dumps, sent))


def test_answers_are_shown_a_line_each_or_as_documents(connected: Fogline, deployed: str, cluster: Cluster) -> None:
    answers = [answer(0, tier="edge", class_=1), answer(1, tier="cloud", class_=2)]
    produce(cluster, f"fogline.{deployed}.answers", answers)
    lines = connected("watch", deployed, "--from-start", "--limit", 2).out.splitlines()
    assert len(lines) == 2
    assert any(line.startswith("edge     1 ") and line.endswith("degraded") for line in lines)
    said = connected("watch", deployed, "--from-start", "--limit", 2, "--json")
    assert {json.dumps(one) for one in said.lines} == {json.dumps(json.loads(one)) for one in answers}


def test_a_summary_counts_tiers_latencies_and_what_was_right(
    connected: Fogline, deployed: str, cluster: Cluster, npz: Path
) -> None:
    wrong = answer(1, tier="cloud", class_=2)
    answers = [answer(0, tier="edge", class_=0), wrong, answer(4, tier="edge", class_=1)]
    produce(cluster, f"fogline.{deployed}.answers", [*answers, answer(2**62, tier="edge", class_=1)])
    options = ["--from-start", "--limit", 4, "--summary", "--labels", npz]
    summary = connected("watch", deployed, *options, "--json").document
    assert summary["answers"] == 4
    assert summary["accuracy"] == pytest.approx(2 / 3)
    edge, cloud = summary["tiers"]
    assert (edge["tier"], edge["answers"], edge["degraded"], edge["accuracy"]) == ("edge", 3, 1, 1.0)
    assert (cloud["share"], cloud["accuracy"]) == (0.25, 0.0)
    assert edge["p50_ms"] == pytest.approx(5, rel=0.01)
    assert "66.7% right" in connected("watch", deployed, *options).out


def test_watching_ends_by_itself_after_its_seconds(connected: Fogline, deployed: str) -> None:
    said = connected("watch", deployed, "--seconds", 0.2, "--summary", "--json")
    assert (said.code, said.document["answers"]) == (0, 0)


@pytest.fixture
def watch(control_plane: tuple[str, Path], deployed: str) -> "Callable[..., subprocess.Popen[str]]":
    """`fogline watch` in a process of its own, once it has said that it watches."""
    url, credential_file = control_plane
    environment = {**os.environ, "FOGLINE_URL": url, "FOGLINE_CREDENTIAL_FILE": str(credential_file)}

    def start(*options: str) -> "subprocess.Popen[str]":
        command = [str(FOGLINE), "watch", deployed, "--json", *options]
        watcher = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
        assert watcher.stderr is not None
        assert watcher.stderr.readline().startswith(f"watching fogline.{deployed}.answers")
        return watcher

    return start


def test_what_comes_after_watching_was_said_is_seen(
    watch: "Callable[..., subprocess.Popen[str]]", deployed: str, cluster: Cluster
) -> None:
    watcher = watch("--limit", "1")
    produce(cluster, f"fogline.{deployed}.answers", [answer(0, tier="edge", class_=1)])
    out, err = watcher.communicate(timeout=20)
    assert (watcher.returncode, err) == (0, "")
    assert json.loads(out)["tier"] == "edge"


@pytest.mark.parametrize("options", [(), ("--summary",)])
def test_control_c_ends_watching_with_130_and_gives_the_summary(
    watch: "Callable[..., subprocess.Popen[str]]", options: tuple[str, ...]
) -> None:
    watcher = watch(*options)
    watcher.send_signal(signal.SIGINT)
    out, err = watcher.communicate(timeout=20)
    assert (watcher.returncode, err) == (130, "")
    assert bool(out) == bool(options)


def test_what_is_no_answer_is_one_line_and_6(connected: Fogline, deployed: str, cluster: Cluster) -> None:
    produce(cluster, f"fogline.{deployed}.answers", [b"garbage"])
    said = connected("watch", deployed, "--from-start", "--limit", 1)
    assert said.code == 6
    assert said.err.splitlines()[-1].startswith("fogline: not a prediction")


def test_hidden_secrets_are_asked_for_and_a_file_gives_them(
    connected: Fogline, deployed: str, cluster: Cluster, control_plane: tuple[str, Path], tmp_path: Path, npz: Path
) -> None:
    url, credential_file = control_plane
    sasl = Sasl(mechanism=SaslMechanism.PLAIN, username="u", password="hunter2")
    protected = Cluster(
        name=cluster.name,
        bootstrap_servers=cluster.bootstrap_servers,
        security_protocol=SecurityProtocol.SASL_PLAINTEXT,
        sasl=sasl,
    )
    with Client(url, credential=credential_file.read_text().strip()) as client:
        client.clusters.put(protected)
    said = connected("send", deployed, npz)
    assert said.code == 2
    assert "give them with --cluster-file" in said.err
    file = tmp_path / "cluster.json"
    file.write_text(json.dumps({"name": cluster.name, "bootstrap_servers": list(cluster.bootstrap_servers)}))
    assert connected("send", deployed, npz, "--cluster-file", file).code == 0
