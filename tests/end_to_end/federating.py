"""What tests of whole federations do: a network, sites' data, a federation, and what becomes of it."""

import asyncio
import json
import time
from collections.abc import Callable

import aiokafka
import msgspec
import numpy as np
from numpy.typing import NDArray

from shared.client import Client
from shared.documents import Optimiser
from shared.documents.federation import (
    FEDERATED_CONTROL_TOPIC,
    Evaluation,
    Federation,
    Invited,
    Rounds,
    Stop,
    UpdateParameters,
)
from shared.documents.federation_workloads import FederationView
from simulations.federation.real_sites import PLATFORM, RealSites
from tests.end_to_end.training import shapes

EVALUATION = 700
RESTRICTIONS = {"features": {"label": {"num_classes": 3}}, "supervised_keys": {"input": "image", "output": "label"}}
_LOOK_EVERY_S = 0.2
_DEADLINE_S = 900.0


async def sink(servers: str, topic: str, count: int, *, seed: int, control_topic: str, key: bytes) -> None:
    """What Kafka-ML's federated sink writes, in three statements that know Kafka alone."""
    images, labels = shapes(count, seed=seed)
    async with aiokafka.AIOKafkaProducer(bootstrap_servers=servers) as kafka:
        for image, label in zip(images, labels, strict=True):
            await kafka.send(topic, image.tobytes(), label.tobytes(), partition=0)
        await kafka.flush()
        await kafka.send_and_wait(control_topic, message(topic, count), key)


def message(topic: str, count: int, **changes: object) -> bytes:
    described = {
        "topic": f"{topic}:0:0:{count}",
        "unsupervised_topic": None,
        "input_format": "RAW",
        "description": "shapes",
        "dataset_restrictions": json.dumps(RESTRICTIONS),
        "input_config": {"data_type": "uint8", "label_type": "uint8", "data_reshape": "8 8 1", "label_reshape": "1"},
        "validation_rate": 0.1,
        "test_rate": 0.0,
        "total_msg": count,
        "incremental": False,
    }
    return json.dumps({**described, **changes}).encode()


def give(sites: RealSites, site: str, count: int, *, seed: int, topic: str = "shapes") -> None:
    """Data to one site, announced on its own Kafka."""
    (servers,) = sites.cluster(site).bootstrap_servers
    asyncio.run(sink(servers, topic, count, seed=seed, control_topic=FEDERATED_CONTROL_TOPIC, key=b"1"))


def give_evaluation(sites: RealSites, count: int = 300) -> None:
    """To the platform, a third for validation and two for the test."""
    images, labels = shapes(count, seed=99)
    (servers,) = sites.platform.bootstrap_servers
    asyncio.run(_evaluation(servers, images, labels))


def federation(name: str, network: str, *sites: str, rounds: int = 4, **changes: object) -> Federation:
    """Of these sites, a model for each update."""
    made = Federation(
        name=name,
        network=network,
        cluster=PLATFORM,
        participants=Invited(nodes=sites),
        rounds=Rounds(updates=1),
        stop=Stop(rounds=rounds),
        evaluation=Evaluation(number=EVALUATION),
        labels=("horizontal", "vertical", "cross"),
        parameters=UpdateParameters(batch=32, optimiser=Optimiser(learning_rate=0.01), checkpoint_every_s=0.0),
        metrics=("cloud/accuracy",),
        threads=1,
    )
    return msgspec.structs.replace(made, **changes)


def enrolled(client: Client, *nodes: str) -> None:
    """Once the control plane knows them."""
    end_s = time.monotonic() + _DEADLINE_S
    while missing := {*nodes} - {one.name for one in client.nodes.list()}:
        assert time.monotonic() < end_s, f"not enrolled: {missing}"
        time.sleep(_LOOK_EVERY_S)


def until(
    client: Client, name: str, holds: Callable[[FederationView], bool], *, deadline_s: float = _DEADLINE_S
) -> FederationView:
    """The federation, once this is so; fails when it ends before."""
    end_s = time.monotonic() + deadline_s
    while not holds(found := client.federations.get(name)):
        assert not found.state.is_final, f"{found.state}: {found.reason}\n{found}"
        assert time.monotonic() < end_s, f"still {found.state}: {found.reason}\n{found}"
        time.sleep(_LOOK_EVERY_S)
    return found


def ended(client: Client, name: str, *, deadline_s: float = _DEADLINE_S) -> FederationView:
    return until(client, name, lambda view: view.state.is_final, deadline_s=deadline_s)


async def _evaluation(servers: str, images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> None:
    topic = "evaluation"
    async with aiokafka.AIOKafkaProducer(bootstrap_servers=servers) as kafka:
        for image, label in zip(images, labels, strict=True):
            await kafka.send(topic, image.tobytes(), label.tobytes(), partition=0)
        await kafka.flush()
        told = message(topic, len(images), validation_rate=0.3, test_rate=0.6)
        await kafka.send_and_wait("KAFKA_ML_CONTROL_TOPIC", told, str(EVALUATION).encode())
