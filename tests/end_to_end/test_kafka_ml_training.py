"""Scripts of three statements that know Kafka alone, in the bytes of Kafka-ML's sinks, start the runs of requests."""

import asyncio
import json
import struct
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.documents import Configuration, NetworkSource, RunView, SourceFile, TrainingRequest
from shared.streams.inputs import AvroInput, RawInput
from simulations.kafka.cluster import KafkaCluster
from simulations.stack import Stack
from tests.end_to_end.driving import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

NETWORK = """\
import keras
from keras import layers


def network():
    x = keras.Input((4,), name="sensor")
    return keras.Model(x, layers.Dense(3, activation="softmax", name="cloud")(x))
"""
PROGRAM = """\
import asyncio, aiokafka

async def main():
    async with aiokafka.AIOKafkaProducer(bootstrap_servers={servers!r}) as sink:
{statements}
asyncio.run(main())
"""
RECORDS = [(struct.pack("<4f", *(float(one + of) for of in range(4))), one % 3) for one in range(30)]
RAW = {"data_type": "float32", "label_type": "uint8", "data_reshape": "4", "label_reshape": "1"}
AVRO = {
    "data_scheme": json.dumps(
        {"type": "record", "name": "Data", "fields": [{"name": name, "type": "float"} for name in "abcd"]}, indent=1
    ),
    "label_scheme": json.dumps({"type": "record", "name": "Label", "fields": [{"name": "kind", "type": "int"}]}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sink:
    """`key`: as the client was given the deployment, a number or a text of digits. What comes first of the two."""

    number: int
    has_text_key: bool = False
    is_avro: bool = False
    has_unlabelled: bool = False
    is_online: bool = False
    goes_on_unlabelled: bool = False

    @property
    def key(self) -> bytes:
        return str(self.number).encode() if self.has_text_key else bytes([self.number])

    def script(self, topic: str) -> list[str]:
        # A bare Avro datum of an int is twice the number, of four floats their bytes, as RAW has them.
        records = [(value, bytes([label * 2 if self.is_avro else label])) for value, label in RECORDS]
        send = f"for value, key in {records!r}: await sink.send_and_wait({topic!r}, value, key, partition=0)"
        values = [value for value, _ in RECORDS]
        rest = f"for value in {values!r}: await sink.send_and_wait({topic + '.rest'!r}, value, b'\\0')"
        tell = f"await sink.send_and_wait('KAFKA_ML_CONTROL_TOPIC', {self.message(topic)!r}, {self.key!r})"
        more = [rest] if self.has_unlabelled else []
        return [tell, send] if self.is_online else [send, *more, tell]

    def unlabelled(self, topic: str) -> str | None:
        if self.goes_on_unlabelled:
            return f"{topic}.rest"
        return f"{topic}.rest:0:0:{len(RECORDS)}" if self.has_unlabelled else None

    def message(self, topic: str) -> bytes:
        count = len(RECORDS)
        described = {
            "topic": topic if self.is_online else f"{topic}:0:0:{count}",
            "unsupervised_topic": self.unlabelled(topic),
            "input_format": "AVRO" if self.is_avro else "RAW",
            "description": "made",
            "dataset_restrictions": {},
            "input_config": AVRO if self.is_avro else RAW,
            "validation_rate": 0.1,
            "test_rate": 0.1,
            "total_msg": None if self.is_online else count,
            "incremental": self.is_online or self.goes_on_unlabelled,
        }
        return json.dumps(described).encode()


SINKS = {
    "raw": Sink(number=3),
    "raw, a text": Sink(number=12, has_text_key=True),
    "avro": Sink(number=4, is_avro=True),
    "avro, a text": Sink(number=123, is_avro=True, has_text_key=True),
    "raw and unlabelled": Sink(number=5, has_unlabelled=True),
    "avro and unlabelled": Sink(number=6, is_avro=True, has_unlabelled=True),
    "raw, and unlabelled without an end": Sink(number=9, goes_on_unlabelled=True),
    "raw online": Sink(number=7, is_online=True),
    "avro online, a text": Sink(number=8, is_avro=True, is_online=True, has_text_key=True),
}


@pytest.fixture(scope="module")
def stack(broker: KafkaCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One agent that can train, and a network."""
    folder = tmp_path_factory.mktemp("kafka-ml")
    with Stack(folder, agents={"cloud-1": {}}, bootstrap_servers=broker.bootstrap_servers) as stack:
        (folder / "network.py").write_text(NETWORK)
        with stack.client() as client:
            client.clusters.put(stack.cluster("here"))
            there = client.artifacts.upload(folder / "network.py")
            file = SourceFile(sha256=there.sha256, size_bytes=len(NETWORK.encode()), file="network.py")
            client.networks.put(NetworkSource(name="tiny", files=(file,)))
            client.configurations.put(Configuration(name="tiny", networks=("tiny",)))
        yield stack


@pytest.mark.parametrize("name", SINKS)
async def test_a_sink_starts_the_run_of_its_request(stack: Stack, unique: str, name: str) -> None:
    sink = SINKS[name]
    with stack.client() as client:
        client.requests.put(TrainingRequest(name=unique, number=sink.number, configuration="tiny", cluster="here"))
    await asyncio.to_thread(_run, sink.script(unique), stack.bootstrap_servers)
    await until(lambda: runs(stack, unique), deadline_s=120)
    (run,) = runs(stack, unique)
    with stack.client() as client:
        stream = client.streams.get(run.stream)
        client.runs.cancel(run.id)
    assert stream.number == sink.number
    assert isinstance(stream.announcement.input, AvroInput if sink.is_avro else RawInput)
    assert stream.announcement.open_topic == (unique if sink.is_online else None)
    assert stream.announcement.total == (None if sink.is_online else len(RECORDS))
    without_end = f"{unique}.rest" if sink.goes_on_unlabelled else None
    assert stream.announcement.unlabelled_open_topic == without_end
    assert without_end or stream.announcement.unlabelled_total == (len(RECORDS) if sink.has_unlabelled else 0)


def runs(stack: Stack, request: str) -> tuple[RunView, ...]:
    with stack.client() as client:
        return client.runs.list(request=request)


def _run(statements: list[str], servers: str) -> None:
    program = PROGRAM.format(servers=servers, statements=textwrap.indent("\n".join(statements), " " * 8))
    done = subprocess.run([sys.executable, "-c", program], cwd=Path("/"), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
