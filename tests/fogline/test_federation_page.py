"""What the page on federations says is complete, and its examples hold."""

import asyncio
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from aiokafka import AIOKafkaConsumer

from agent.federation.aggregation.staleness import Constant, Hinge, Polynomial
from agent.federation.aggregation.strategies import OURS
from agent.federation.coordinator.decisions import Cause
from agent.federation.participant.matching import Found, mismatches
from agent.federation.participant.policy import Policy
from fogline.federation_checks import check
from shared.documents import DType, decode, encode
from shared.documents.federation import (
    EncodingKind,
    Evaluation,
    Federation,
    Invited,
    LearntData,
    NoiseAt,
    Patience,
    Privacy,
    Requirements,
    Rounds,
    Stop,
    StrategyChoice,
    Target,
    UpdateEncoding,
)
from shared.documents.federation_workloads import FederationState
from shared.streams import control_message
from shared.topics import federation_topic
from simulations.kafka.cluster import KafkaCluster

PAGE = (Path(__file__).parents[2] / "docs" / "federation.md").read_text()
DOCUMENTS = [
    Federation,
    Invited,
    Requirements,
    Rounds,
    Stop,
    Target,
    Patience,
    UpdateEncoding,
    Privacy,
    Evaluation,
    Policy,
]
ROWS = dict(re.findall(r"^\| `([a-z-]+)` \| (.*?) \|", PAGE[PAGE.index("## Strategies") :], re.MULTILINE))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_field_of_a_federation_and_a_policy_is_documented(document: type[msgspec.Struct]) -> None:
    assert [name for name in document.__struct_encode_fields__ if f"`{name}`" not in PAGE] == []


@pytest.mark.parametrize("name", StrategyChoice.__struct_fields__)
def test_how_a_strategy_is_chosen_is_documented(name: str) -> None:
    assert f"`strategy.{name}`" in PAGE


@pytest.mark.parametrize("word", [*FederationState, *EncodingKind, *LearntData, *NoiseAt], ids=str)
def test_every_state_and_choice_is_documented(word: str) -> None:
    assert f"`{word}`" in PAGE


@pytest.mark.parametrize("one", OURS, ids=lambda one: str(one.__struct_config__.tag))
def test_every_strategy_has_a_row_with_its_parameters(one: type[msgspec.Struct]) -> None:
    row = ROWS[str(one.__struct_config__.tag)]
    assert [name for name in one.__struct_fields__ if f"`{name}`" not in row] == []


@pytest.mark.parametrize("one", OURS, ids=lambda one: str(one.__struct_config__.tag))
def test_the_defaults_in_its_row_are_its_own(one: type[msgspec.Struct]) -> None:
    shown = re.findall(r"`(\w+)` ([0-9.]+)", ROWS[str(one.__struct_config__.tag)])
    defaults = {field.name: field.default for field in msgspec.structs.fields(one)}
    assert {name: float(value) for name, value in shown} == {name: defaults[name] for name, _ in shown}


@pytest.mark.parametrize("kind", [Constant, Polynomial, Hinge])
def test_every_kind_of_staleness_is_shown(kind: type[msgspec.Struct]) -> None:
    (shown,) = re.findall(rf'`(\{{ kind = "{kind.__struct_config__.tag}".*?\}})`', PAGE)
    assert msgspec.convert(tomllib.loads(f"one = {shown}")["one"], kind) == kind()


def blocks(language: str, after: str) -> Iterator[str]:
    yield from re.findall(rf"```{language}\n(.*?)```", PAGE[PAGE.index(after) :], re.DOTALL)


def test_the_example_of_a_document_is_one() -> None:
    federation = decode(encode(tomllib.loads(next(blocks("toml", "## The document")))), Federation)
    check(federation)
    assert federation.participants.selector == {"consortium": "north"}


def test_the_example_of_a_policy_and_of_privacy_are_such() -> None:
    assert msgspec.convert(tomllib.loads(next(blocks("toml", "## A site's own policy"))), Policy).hours
    privacy = tomllib.loads(next(blocks("toml", "## Privacy")))["privacy"]
    assert msgspec.convert(privacy, Privacy).most_epsilon == 8.0


@pytest.mark.parametrize(
    ("what", "participant"), [("decisions", ""), ("snapshots", ""), ("models", ""), ("updates", "p")]
)
def test_every_topic_is_documented(what: str, participant: str) -> None:
    name = federation_topic("n", 1, what, participant).replace(".n.1.", ".N.E.").replace(".p", ".P")
    assert f"`{name}`" in PAGE


def test_every_cause_of_an_end_has_its_words() -> None:
    words = {
        Cause.ROUNDS: "`rounds` | 100",
        Cause.TIME: "`seconds`",
        Cause.TARGET: "`target`",
        Cause.PATIENCE: "`patience`",
        Cause.CANCELLED: "fogline federations\ncancel",
        Cause.PRIVACY: "`most_epsilon`",
    }
    assert set(Cause) - {Cause.FULL, Cause.DEADLINE} == set(words)
    assert [word for word in words.values() if word not in PAGE] == []


@pytest.mark.timeout(240)
async def test_a_client_of_kafka_alone_announces_data(broker: KafkaCluster, unique: str) -> None:
    """The bytes are those that a site's catalogue reads; what they speak of is there."""
    servers = broker.bootstrap_servers.split(",")[0]
    (code,) = blocks("python", "## Announce data")
    code = code.replace("127.0.0.1:9092", servers).replace("FEDERATED_DATA_CONTROL_TOPIC", f"{unique}-control")
    code = re.sub(r'"digits"', f'"{unique}"', code).replace('"digits:', f'"{unique}:')
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=150
    )
    assert done.returncode == 0, done.stderr
    async with AIOKafkaConsumer(
        f"{unique}-control", bootstrap_servers=servers, auto_offset_reset="earliest", group_id=None
    ) as kafka:
        record = await asyncio.wait_for(kafka.getone(), 30)
    _, found = control_message.parse(record.key, record.value)
    assert (found.total, found.restrictions) == (600, {"scanner": "b"})
    assert (
        mismatches(
            Requirements(shape=(28, 28, 1), dtype=DType.UINT8, records=500, restrictions={"scanner": "b"}),
            Found(
                shape=found.input.data_shape,  # type: ignore[union-attr]
                dtype="uint8",
                label_shape=None,
                label_dtype="int64",
                records=found.total,
                restrictions=found.restrictions,
            ),
        )
        == ()
    )
