"""`fogline streams send` on a real broker: what a person types, sees and finds in the log."""

import asyncio
import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from shared import kafka
from shared.documents import Cluster, encode
from shared.streams import control_message
from simulations.kafka.cluster import KafkaCluster
from tests.fogline.stage import Fogline

SAMPLE = Path(__file__).parents[3] / "examples" / "fashion_mnist" / "sample.npz"
FOGLINE = Path(sys.executable).with_name("fogline")
IMAGES, LABELS = np.arange(1200, dtype="u1").reshape(300, 2, 2), np.arange(300, dtype="i8") % 10


@pytest.fixture
def cluster(broker: KafkaCluster) -> Cluster:
    return Cluster(name="here", bootstrap_servers=tuple(broker.bootstrap_servers.split(",")))


@pytest.fixture
def npz(tmp_path: Path) -> Path:
    np.savez(tmp_path / "digits.npz", x=IMAGES, y=LABELS)
    return tmp_path / "digits.npz"


def read(cluster: Cluster, topic: str, count: int) -> list[tuple[bytes | None, bytes]]:
    async def consume() -> list[tuple[bytes | None, bytes]]:
        async with kafka.consumer(cluster, group=None) as client, asyncio.timeout(30):
            client.subscribe([topic])
            found = [await client.getone() for _ in range(count)]
        return [(one.key, one.value) for one in found]

    return asyncio.run(consume())


def make_topic(cluster: Cluster, topic: str) -> None:
    async def make() -> None:
        async with kafka.admin(cluster) as admin:
            await kafka.ensure_topic(admin, cluster, topic)

    asyncio.run(make())


def test_an_npz_is_sent_and_announced(fogline: Fogline, cluster: Cluster, npz: Path, unique: str) -> None:
    servers, control = cluster.bootstrap_servers[0], f"{unique}-control"
    options = [
        "--request",
        7,
        "--validation",
        0.1,
        "--test",
        0.2,
        "--description",
        "digits",
        "--control-topic",
        control,
    ]
    said = fogline("streams", "send", npz, "--topic", unique, "--bootstrap-servers", servers, *options, "--json")
    assert (said.code, said.err) == (0, "")
    assert (said.document["records"], said.document["request"]) == (300, 7)
    assert sorted(read(cluster, unique, 300)) == sorted(
        (label.tobytes(), image.tobytes()) for image, label in zip(IMAGES, LABELS, strict=True)
    )
    ((key, value),) = read(cluster, control, 1)
    assert json.loads(value) == said.document["message"]
    number, found = control_message.parse(key, value)
    assert (number, found.total, found.validation_rate, found.test_rate) == (7, 300, 0.1, 0.2)
    assert said.document["ranges"] == f"{unique}:0:0:300"


def test_text_labels_are_shown_with_their_numbers_and_nobody_is_told(
    fogline: Fogline, cluster: Cluster, tmp_path: Path, unique: str
) -> None:
    (tmp_path / "iris.csv").write_text("width,species\n1.5,virginica\n2,setosa\n")
    (tmp_path / "more.csv").write_text("width\n3\n")
    said = fogline(
        *("streams", "send", tmp_path / "iris.csv", "--label-column", "species", "--topic", unique),
        *("--unlabelled", tmp_path / "more.csv", "--bootstrap-servers", cluster.bootstrap_servers[0]),
    )
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert lines[0].startswith(f"2 records with labels and 1 without (2.9e-05 MB) to {unique} in ")
    assert lines[1:] == [
        f"with labels: {unique}:0:0:2",
        f"without:     {unique}:0:2:3",
        "data float32 1, label int64 1",
        "classes: 0 setosa, 1 virginica",
        "the topic keeps records for 7 days; then they cannot be trained on",
        "nobody was told: --request N announces a stream to a training request",
    ]


def test_a_bad_row_in_the_middle_is_one_line_that_says_what_was_written(
    fogline: Fogline, cluster: Cluster, tmp_path: Path, unique: str
) -> None:
    (tmp_path / "bad.csv").write_text("a,label\n" + "1,2\n" * 2500 + "x,2\n")
    options = ["--topic", unique, "--bootstrap-servers", cluster.bootstrap_servers[0], "--request", 7]
    said = fogline("streams", "send", tmp_path / "bad.csv", *options, "--control-topic", f"{unique}-control")
    assert (said.code, said.out) == (2, "")
    assert said.err == (
        f"fogline: {tmp_path}/bad.csv, line 2502, column 'a': 'x' is no number; 2000 records were written to "
        f"'{unique}' ({unique}:0:0:2000), nothing was announced\n"
    )


def test_a_cluster_is_found_by_its_name(connected: Fogline, cluster: Cluster, tmp_path: Path, unique: str) -> None:
    (tmp_path / "cluster.json").write_bytes(encode(replace(cluster, name=unique)))
    assert connected("clusters", "put", tmp_path / "cluster.json").code == 0
    said = connected("streams", "send", SAMPLE, "--topic", unique, "--cluster", unique, "--partitions", 2, "--json")
    assert (said.code, said.err) == (0, "")
    assert said.document["input"]["data_shape"] == [28, 28, 1]
    assert {one.split(":")[1] for one in said.document["ranges"].split(",")} == {"0", "1"}


def test_nothing_to_send_is_wrong_use(fogline: Fogline) -> None:
    said = fogline("streams", "send", "--topic", "t", "--bootstrap-servers", "localhost:1")
    assert (said.code, said.err) == (2, "fogline: what is to be sent? Name a FILE, or --unlabelled FILE\n")


def test_control_c_announces_nothing_and_says_what_was_written(cluster: Cluster, unique: str, tmp_path: Path) -> None:
    (tmp_path / "long.csv").write_text("a,label\n" + "1,2\n" * 500_000)
    make_topic(cluster, unique)
    command = [str(FOGLINE), "streams", "send", str(tmp_path / "long.csv"), "--topic", unique, "--request", "7"]
    command += ["--control-topic", f"{unique}-control", "--bootstrap-servers", cluster.bootstrap_servers[0]]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as sending:
        read(cluster, unique, 1)
        sending.send_signal(signal.SIGINT)
        out, err = sending.communicate(timeout=30)
    assert (sending.returncode, out) == (130, "")
    written = re.fullmatch(rf"fogline: (\d+) records were written to '{unique}' \(.*\), nothing was announced\n", err)
    assert written is not None, err
    assert 0 < int(written[1]) < 500_000
