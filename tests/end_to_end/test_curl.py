"""The commands of docs/http-api.md, run as they stand there: curl alone deploys the example and changes a threshold."""

import asyncio
import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from numpy.typing import NDArray

from shared.documents import Deployment
from simulations.demo.example import ROOT, Example
from simulations.kafka.cluster import KafkaCluster
from simulations.programs import await_condition
from simulations.stack import Stack
from tests.end_to_end.driving import TIERS, until
from tests.end_to_end.traffic import Traffic

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

PAGE = (ROOT / "docs/http-api.md").read_text()
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
WALK = "## Deploy with curl alone"
# Exit codes of curl.
REFUSED, STOPPED_BY_TIME = 22, 28
# Examples on the page that are something else here.
PLAIN_URL, CREDENTIAL_FILE, BROKER = "http://127.0.0.1:8080", "controlplane-state/operator-credential", "127.0.0.1:9092"


@pytest.fixture(scope="module")
def stack(broker: KafkaCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A control plane and nothing else: the rest is what the page is about."""
    assert shutil.which("curl"), "this test needs curl"
    with Stack(tmp_path_factory.mktemp("curl"), agents={}, bootstrap_servers=broker.bootstrap_servers) as stack:
        yield stack


@pytest.fixture
def deployment(example: Example) -> Deployment:
    """Under the name that it has on the page."""
    return example.deployment


class Reader:
    """Somebody who types what the page says, in the folder of the project."""

    def __init__(self, stack: Stack) -> None:
        self._here = {
            PLAIN_URL: stack.url,
            CREDENTIAL_FILE: str(stack.layout.credential_file),
            f'"{BROKER}"': json.dumps(stack.bootstrap_servers),
        }
        (self._preamble,) = blocks("# HTTP API")

    def types(self, commands: str, *, variables: Mapping[str, str] | None = None, codes: Sequence[int] = (0,)) -> str:
        """What the commands print; the first that fails ends them."""
        text = f"set -e\n{self._preamble}\n{commands}"
        for example, here in self._here.items():
            text = text.replace(example, here)
        command = ["bash", "-c", text]
        ran = subprocess.run(
            command,
            cwd=ROOT,
            env={"PATH": "/usr/bin:/bin", **(variables or {})},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode in codes, ran.stdout + ran.stderr
        return ran.stdout


def blocks(heading: str) -> list[str]:
    """The commands between this heading and the next one of its level or above."""
    level = heading.split()[0]
    begin = PAGE.index(f"{heading}\n") + len(heading)
    end = re.compile(rf"^#{{1,{max(2, len(level))}}} ", re.MULTILINE).search(PAGE, begin)
    return BLOCK.findall(PAGE[begin : end.start() if end else None])


def documents(printed: str) -> list[dict[str, Any]]:
    """JSON objects one after the other, nothing between them."""
    decoder, found, at = json.JSONDecoder(), [], 0
    while at < len(printed.rstrip()):
        document, at = decoder.raw_decode(printed, at)
        found.append(document)
    return found


@pytest.fixture(scope="module")
def reader(stack: Stack) -> "Reader":
    """Has come as far as a deployment that was put; the agents were started with the tokens made on the way."""
    reader = Reader(stack)
    clusters, upload, tokens, deploy, _ = blocks(WALK)
    reader.types(clusters)
    assert documents(reader.types(upload))[-1]["version"] == 1
    for tier, made in zip(TIERS, documents(reader.types(tokens)), strict=True):
        start_agent(stack, f"{tier}-1", made["token"])
    everyone = blocks("## Nodes")[0].splitlines()[0]
    assert await_condition(lambda: len(documents(reader.types(everyone))[0]["items"]) == 3, deadline_s=90)
    plan, view, _ = documents(reader.types(deploy))
    assert [(one["tier"], one["node"]) for one in plan["placements"]] == [(tier, f"{tier}-1") for tier in TIERS]
    assert view["deployment"]["version"] == 1
    return reader


async def test_curl_alone_deploys_the_example_and_changes_a_threshold(
    stack: Stack, reader: "Reader", deployment: Deployment, images: NDArray[Any]
) -> None:
    _, _, _, deploy, threshold = blocks(WALK)
    status = deploy.splitlines()[-1]
    await until(lambda: documents(reader.types(status))[0]["ready"])
    traffic = Traffic(deployment=deployment, cluster=stack.cluster("edge"))
    ids = await traffic.send(image.tobytes() for image in images[:100])
    assert set(ids) <= set((await traffic.outcome(ids)).answers)
    await asyncio.to_thread(reader.types, threshold)
    await until(lambda: '"threshold":0.5,"applied":true' in reader.types(status))


def test_an_upload_goes_on_where_it_broke_off(reader: "Reader", tmp_path: Path) -> None:
    content = b"broken off in the middle"
    (tmp_path / "artifact").write_bytes(content)
    ask, go_on = blocks("## Models and artifacts")[0].split("\n", 1)
    begin = go_on.replace("tail -c +$((OFFSET + 1))", "head -c 10")
    digest = sha256(content).hexdigest()
    variables = {"SHA256": digest, "FILE": str(tmp_path / "artifact"), "SIZE": str(len(content))}
    reader.types(begin, variables={**variables, "OFFSET": "0"})
    assert "upload-offset: 10" in reader.types(ask, variables=variables).lower()
    reader.types(go_on, variables={**variables, "OFFSET": "10"})
    assert "upload-complete: ?1" in reader.types(ask, variables=variables).lower()


def test_what_can_be_asked_is_answered(reader: "Reader") -> None:
    (assignment, confirm), (events,) = blocks("## What agents use"), blocks("## Events, health, metrics")
    assert documents(reader.types(assignment))[0]["node"] == "edge-1"
    assert documents(reader.types(confirm))[0]["name"] == "edge-1"
    followed = events.replace("curl", "curl --max-time 1")
    created = '"kind":"deployment_created"'
    assert await_condition(lambda: created in reader.types(followed, codes=[STOPPED_BY_TIME]), deadline_s=60)


def test_what_changes_nodes_and_clusters_and_takes_a_deployment_away_does_so(
    stack: Stack, reader: "Reader", deployment: Deployment
) -> None:
    (nodes,), (clusters,), (change,) = blocks("## Nodes"), blocks("## Clusters"), blocks("## Deployments")
    _, labelled, drained = documents(reader.types(nodes))
    assert labelled["labels"] == {"tier": "edge", "site": "north"}
    assert drained["state"] == "draining"
    assert documents(reader.types(clusters))[0]["sasl"]["password"] == "***"
    with stack.client() as client:
        etag = client.deployments.get(deployment.name).etag
        reader.types(change, codes=[REFUSED])
        reader.types(change.replace("0123456789abcdef", etag))
        assert client.deployments.list() == ()


def test_what_is_to_be_trained_is_put_by_curl(stack: Stack, reader: "Reader", tmp_path: Path) -> None:
    source = tmp_path / "network.py"
    source.write_text("def network():\n    raise NotImplementedError\n")
    with stack.client() as client:
        client.artifacts.upload(source)
    content = source.read_bytes()
    variables = {"SHA256": sha256(content).hexdigest(), "SIZE": str(len(content))}
    (networks,), (request,), (runs,) = map(
        blocks, ("### Networks and configurations", "### Training requests", "### Runs")
    )
    network, configuration = documents(reader.types(networks, variables=variables))
    assert (network["name"], configuration["networks"]) == ("small", ["small"])
    assert documents(reader.types(request))[0]["number"] == 1
    assert documents(reader.types(runs)) == [{"items": []}]


def test_no_command_of_the_page_is_forgotten_here() -> None:
    """Whoever adds one to the page adds it to a test above."""
    tested = ("# HTTP API", WALK, "## Nodes", "## Clusters", "## Models and artifacts", "## Deployments", "## Training")
    rest = ("## What agents use", "## Events, health, metrics")
    assert sum(len(blocks(heading)) for heading in (*tested, *rest)) == len(BLOCK.findall(PAGE))


def start_agent(stack: Stack, name: str, token: str) -> None:
    stack.layout.write_token(name, token)
    stack.programs[name] = stack.layout.agent(name, url=stack.url, labels={}).start(leashed=True)
