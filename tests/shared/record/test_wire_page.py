"""docs/wire.md says what the code does: every name is there, and every example works."""

import json
import re
import textwrap
import time
import uuid
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from agent.inference import dead_letters
from shared.documents import DecoderKind, DType, FeaturesEncoding
from shared.record import headers
from shared.record.prediction import Prediction, decode_prediction
from shared.record.tensor_header import Layout, parse
from simulations.kafka.cluster import KafkaCluster

PAGE = (Path(__file__).parents[3] / "docs" / "wire.md").read_text()


class EnoughError(Exception):
    """Ends the loop of an example."""


def examples(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


async def run(example: str, names: dict[str, Any]) -> None:
    source = "async def example():\n" + textwrap.indent(example, "    ")
    exec(source, names)  # noqa: S102 - our own page
    await names["example"]()


@pytest.mark.parametrize(
    "name",
    [
        *[value for key, value in vars(headers).items() if key.isupper() and isinstance(value, str)],
        *[value for key, value in vars(dead_letters).items() if key.isupper() and isinstance(value, str)],
        *[one.encode_name for one in msgspec.structs.fields(Prediction)],
        *DType,
        *FeaturesEncoding,
        *DecoderKind,
    ],
)
def test_the_page_names_it(name: str) -> None:
    assert f"`{name}`" in PAGE


def test_the_prediction_on_the_page_is_one() -> None:
    (example,) = examples("json")
    prediction = decode_prediction(example.encode())
    assert json.loads(msgspec.json.encode(prediction)) == json.loads(example)


def test_the_tensor_header_on_the_page_is_one() -> None:
    (example,) = examples("hex")
    assert parse(bytes.fromhex(example)) == Layout(DType.FLOAT32, (7, 7, 8), FeaturesEncoding.U8, 0.5, -1.0)


async def test_the_producers_on_the_page_send(broker: KafkaCluster, unique: str) -> None:
    sends, _, sends_an_id = examples("python")
    images = np.arange(6, dtype=np.uint8).reshape(3, 2)
    servers = broker.bootstrap_servers
    names: dict[str, Any] = {"servers": servers, "topic": unique, "images": images, "image": images[0]}
    await run(sends, names | {"AIOKafkaProducer": AIOKafkaProducer})
    async with AIOKafkaProducer(bootstrap_servers=servers) as producer:
        await run(sends_an_id, names | {"producer": producer, "uuid": uuid, "time": time})
    async with AIOKafkaConsumer(unique, bootstrap_servers=servers, auto_offset_reset="earliest") as consumer:
        records = [await anext(consumer) for _ in range(4)]
    assert [record.value for record in records] == [image.tobytes() for image in (*images, images[0])]
    passport = headers.read(records[3].headers)
    assert passport.id is not None
    assert passport.time_us is not None
    assert abs(passport.time_us - time.time_ns() // 1000) < 60_000_000


async def test_the_reader_on_the_page_reads(broker: KafkaCluster, unique: str) -> None:
    servers = broker.bootstrap_servers
    (answer,) = examples("json")
    async with AIOKafkaProducer(bootstrap_servers=servers) as producer:
        for _ in range(2):
            await producer.send_and_wait(unique, answer.encode())
    seen: list[list[float]] = []

    def show(values: list[float]) -> None:
        seen.append(values)
        if len(seen) == 2:
            raise EnoughError

    names = {"servers": servers, "topic": unique, "AIOKafkaConsumer": AIOKafkaConsumer, "json": json, "print": show}
    with pytest.raises(EnoughError):
        await run(examples("python")[1], names)
    assert seen == [json.loads(answer)["values"]] * 2
