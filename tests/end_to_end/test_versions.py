"""Versions come and go while records flow: no record meets a sub-model of another version, and none is lost.

Every answer's values are compared with what its version alone makes of that image, so a mixture would show.
"""

import asyncio
import shutil
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from aiokafka import ConsumerRecord
from msgspec.structs import replace
from numpy.typing import NDArray

from shared import topics
from shared.documents import Deployment, FeaturesEncoding, ModelManifest, SubModel, WorkloadView
from shared.kafka import consumer, producer
from shared.record.headers import ID
from simulations.demo.example import Example
from simulations.demo.feed import Sample
from simulations.kafka.cluster import KafkaCluster
from simulations.stack import Stack
from tests.end_to_end.driving import (
    counters,
    deploy,
    example_stack,
    port_of,
    undeploy_all,
    under_load,
    until,
    with_threshold,
    with_tier,
)
from tests.end_to_end.second_version import FIRST, SECOND, Expected, expected, second_manifest
from tests.end_to_end.traffic import Outcome, Traffic

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

OLD, NEW = f"fashion-mnist/{FIRST}", f"fashion-mnist/{SECOND}"
RETENTION_S = 2.0
NOT_LOADED = "which is not loaded here"


@pytest.fixture(scope="module")
def stack(broker: KafkaCluster, tmp_path_factory: pytest.TempPathFactory, example: Example) -> Iterator[Stack]:
    with example_stack(
        tmp_path_factory.mktemp("versions"),
        broker,
        example,
        agent_flags=("--report-interval-s", "1"),
        control_plane_flags=("--version-retention-s", f"{RETENTION_S:g}"),
    ) as stack:
        with stack.client() as client:
            assert client.models.register(second_manifest(example.manifest), example.folder).version == SECOND
        yield stack


@pytest.fixture(autouse=True)
def nothing_stays_deployed(stack: Stack) -> Iterator[None]:
    yield
    undeploy_all(stack)


@pytest.fixture(scope="module")
def oracle(example: Example) -> Expected:
    return expected(example, Sample.load(example.sample).images)


@pytest.fixture
def deployment(example: Example, unique: str) -> Deployment:
    """Of the first version; more travels up than usual, and as it is, so that answers can be compared."""
    deployment = replace(example.deployment, name=unique, version=FIRST)
    for tier in ("edge", "fog"):
        deployment = with_tier(with_threshold(deployment, tier, 0.95), tier, features=FeaturesEncoding.RAW)
    return deployment


def of_version(deployment: Deployment, version: int) -> Deployment:
    return replace(deployment, version=version)


def require_unmixed(outcome: Outcome, ids: Sequence[bytes], oracle: Expected) -> None:
    """Each answer came of one version from the first tier to the last, by its trail and by its values."""
    order = {record_id: number for number, record_id in enumerate(ids)}
    count = len(next(iter(oracle.outputs.values())))
    for record_id, answers in outcome.answers.items():
        for answer in answers:
            assert {entry.version for entry in answer.trail} == {answer.version}
            assert oracle(answer, order[record_id] % count), answer


def versions_of(outcome: Outcome) -> set[int]:
    return {answers[0].version for answers in outcome.answers.values()}


def workload(stack: Stack, deployment: Deployment, tier: str) -> WorkloadView:
    with stack.client() as client:
        found = client.deployments.status(deployment.name).workloads
    return next(one for one in found if one.tier == tier)


def taken(stack: Stack, deployment: Deployment) -> float:
    """How many records the edge has dealt with."""
    now = counters(stack, deployment, "edge")
    return now.get("answered", 0) + now.get("forwarded", 0)


async def test_a_hot_swap_under_load_loses_and_doubles_nothing(
    stack: Stack, deployment: Deployment, traffic: Traffic, images: NDArray[Any], oracle: Expected
) -> None:
    await asyncio.to_thread(deploy, stack, deployment)

    async def swap() -> None:
        for version in (FIRST, SECOND, FIRST):
            await asyncio.to_thread(deploy, stack, of_version(deployment, version))
            await asyncio.sleep(1)  # it answers for a while

    ids = await under_load(traffic.send, images, swap, rate=200)
    outcome = await traffic.outcome(ids, settle_s=1)
    assert set(outcome.answers) == set(ids)
    assert not outcome.doubled()
    assert not outcome.dead_letters
    assert versions_of(outcome) == {FIRST, SECOND}
    require_unmixed(outcome, ids, oracle)


async def test_while_the_upper_tiers_have_the_new_version_features_of_the_old_one_meet_the_old_one(
    stack: Stack, deployment: Deployment, traffic: Traffic, images: NDArray[Any], oracle: Expected
) -> None:
    """1. the cloud stands still; 2. the next version is deployed: the fog has it, the edge must wait; 3. send; 4. the
    cloud goes on: it takes over everywhere; 5. send again."""
    await asyncio.to_thread(deploy, stack, deployment)
    stack.programs["cloud-1"].suspend()
    try:
        with stack.client() as client:
            client.deployments.put(of_version(deployment, SECOND))
        await until(lambda: workload(stack, deployment, "fog").versions == (NEW, OLD))
        before = await traffic.send(image.tobytes() for image in images[:300])
        edge = workload(stack, deployment, "edge")
        assert edge.versions == (OLD,)
        assert f"keeps {OLD} until cloud-1 (cloud) have loaded {NEW}" in edge.reason
        await until(lambda: taken(stack, deployment) >= len(before))
    finally:
        stack.programs["cloud-1"].resume()
    early = await traffic.outcome(before)
    assert {answers[0].tier for answers in early.answers.values()} == {"edge", "fog", "cloud"}
    assert versions_of(early) == {FIRST}
    await asyncio.to_thread(deploy, stack, of_version(deployment, SECOND))
    after = await traffic.send(image.tobytes() for image in images[300:600])
    outcome = await traffic.outcome(after)
    assert {outcome.answers[one][0].version for one in after} == {SECOND}
    assert not outcome.dead_letters
    require_unmixed(outcome, before + after, oracle)


async def test_features_of_a_version_that_the_fog_never_saw_are_given_up_with_that_reason(
    stack: Stack, deployment: Deployment, traffic: Traffic, images: NDArray[Any], oracle: Expected
) -> None:
    """1. the fog's disk is copied; 2. the next version is deployed everywhere; 3. the fog comes back from the older
    copy while the control plane is away; 4. what the edge is unsure of is given up, for it fits no version there;
    5. the control plane is back, and so is the fog's new version."""
    await asyncio.to_thread(deploy, stack, deployment)
    state = stack.layout.state("fog-1")
    stack.programs["fog-1"].stop()
    shutil.copytree(state, state.with_name("fog-1-older"))
    stack.start_agent("fog-1")
    await asyncio.to_thread(deploy, stack, of_version(deployment, SECOND))
    port = port_of(stack.url)
    stack.programs["fog-1"].stop()
    stack.programs["control-plane"].kill()
    shutil.rmtree(state)
    state.with_name("fog-1-older").rename(state)
    stack.start_agent("fog-1")
    early = await traffic.send(image.tobytes() for image in images[:300])
    outcome = await traffic.outcome(early)
    unsure = set(early) - set(outcome.answers)
    assert set(outcome.dead_letters) == unsure
    assert unsure
    assert all(f"{NEW}, {NOT_LOADED}" in reason for reasons in outcome.dead_letters.values() for reason in reasons)
    stack.start_control_plane(port=port)
    await until(lambda: workload(stack, deployment, "fog").versions[:1] == (NEW,), deadline_s=90)
    late = await traffic.send(image.tobytes() for image in images[300:600])
    outcome = await traffic.outcome(late)
    assert set(late) <= set(outcome.answers)
    assert versions_of(outcome) == {SECOND}
    require_unmixed(outcome, early + late, oracle)


async def test_a_record_later_than_the_retention_of_its_version_is_given_up_with_that_reason(
    stack: Stack, deployment: Deployment, traffic: Traffic, images: NDArray[Any]
) -> None:
    """1. keep a forwarded record; 2. swap, and let the old version be forgotten, once the edge has proven the new one;
    3. the record arrives once more."""
    await asyncio.to_thread(deploy, stack, deployment)
    ids = await traffic.send(image.tobytes() for image in images[:100])
    await traffic.outcome(ids)
    fog = topics.input_topic(deployment, deployment.tiers[1])
    late = await first_record(traffic, fog)
    await asyncio.to_thread(deploy, stack, of_version(deployment, SECOND))
    assert workload(stack, deployment, "fog").versions == (NEW, OLD)
    for image in images[:4]:
        await traffic.outcome(await traffic.send([image.tobytes()]))
    await until(lambda: workload(stack, deployment, "fog").versions == (NEW,))
    await send_again(traffic, fog, late)
    record_id = dict(late.headers)[ID]

    async def reasons() -> list[str]:
        return (await traffic.outcome([], settle_s=0.2)).dead_letters[record_id]

    async with asyncio.timeout(30):
        while not (found := await reasons()):
            pass
    assert found == [f"the record is for version {OLD}, {NOT_LOADED}: {NEW} are"]


@pytest.mark.parametrize("tier", ["edge", "cloud"])
async def test_a_version_that_does_not_load_leaves_the_old_one_serving_and_the_status_says_why(
    stack: Stack,
    example: Example,
    deployment: Deployment,
    traffic: Traffic,
    images: NDArray[Any],
    oracle: Expected,
    tmp_path: Path,
    tier: str,
) -> None:
    await asyncio.to_thread(deploy, stack, deployment)
    with stack.client() as client:
        broken = client.models.register(broken_manifest(example, tmp_path, tier), tmp_path).version

    async def attempt() -> None:
        with stack.client() as client:
            client.deployments.put(of_version(deployment, broken))
        await until(lambda: f"fashion-mnist/{broken} does not load" in workload(stack, deployment, tier).reason)
        await asyncio.sleep(1.5 * RETENTION_S)  # the old one answers for longer than a version is kept without a user

    ids = await under_load(traffic.send, images, attempt, rate=200)
    outcome = await traffic.outcome(ids, settle_s=1)
    assert set(outcome.answers) == set(ids)
    assert not outcome.doubled()
    assert not outcome.dead_letters
    assert versions_of(outcome) == {FIRST}
    require_unmixed(outcome, ids, oracle)
    refused = workload(stack, deployment, tier)
    assert refused.versions[0] == OLD
    assert not refused.applied
    await asyncio.to_thread(deploy, stack, deployment)
    # The document is the one of before, and so is its revision: the status is ready by what was reported then.
    await until(lambda: all(workload(stack, deployment, one).reason == "" for one in ("edge", "fog", "cloud")))


async def test_a_threshold_is_changed_without_a_reload(
    stack: Stack, example: Example, deployment: Deployment, traffic: Traffic, images: NDArray[Any]
) -> None:
    """The file it would be loaded from is gone, and stays so: nobody has asked for it."""
    await asyncio.to_thread(deploy, stack, deployment)
    file = stack.layout.state("edge-1") / "artifacts" / example.manifest.sub_models[0].artifacts[0].sha256
    file.unlink()

    async def change() -> None:
        # The old one is at work.
        await until(lambda: counters(stack, deployment, "edge").get("forwarded", 0) > 0)
        await asyncio.to_thread(deploy, stack, with_threshold(deployment, "edge", 0.0))
        assert workload(stack, deployment, "edge").threshold == 0.0

    before = await under_load(traffic.send, images, change)
    after = await traffic.send(image.tobytes() for image in images[:200])
    outcome = await traffic.outcome(before + after, settle_s=0.5)
    assert not outcome.doubled()
    assert {outcome.answers[one][0].tier for one in after} == {"edge"}
    assert {outcome.answers[one][0].tier for one in before} > {"edge"}
    assert len({answers[0].trail[0].boot_id for answers in outcome.answers.values()}) == 1
    assert workload(stack, deployment, "edge").versions == (OLD,)
    assert not file.exists()


def broken_manifest(example: Example, folder: Path, tier: str) -> ModelManifest:
    """Like the first version, but this tier's file is none that a backend reads; all files lie in `folder`."""
    shutil.copytree(example.folder / "artifacts", folder / "artifacts")
    content = f"no network at all, on {tier}".encode()
    file = folder / "artifacts" / "broken.tflite"
    file.write_bytes(content)

    def breaking(sub_model: SubModel) -> SubModel:
        if sub_model.tier != tier:
            return sub_model
        artifact = replace(
            sub_model.artifacts[0],
            sha256=sha256(content).hexdigest(),
            size_bytes=len(content),
            file=f"artifacts/{file.name}",
        )
        return replace(sub_model, artifacts=(artifact,))

    return replace(example.manifest, sub_models=tuple(breaking(one) for one in example.manifest.sub_models))


async def first_record(traffic: Traffic, topic: str) -> ConsumerRecord:
    client = consumer(traffic.cluster, group=None)
    client.subscribe([topic])
    async with client:
        return await client.getone()


async def send_again(traffic: Traffic, topic: str, record: ConsumerRecord) -> None:
    async with producer(traffic.cluster) as client:
        await client.send_and_wait(topic, record.value, headers=list(record.headers))
