"""Round after round: what is learnt, what is missed, and what an update leaves for the next one."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from agent.federation.encoding.encodings import encoding
from agent.federation.encoding.update import unpacked
from agent.federation.weights import norm
from agent.training import array_file
from shared.documents import Cluster
from shared.documents.federation import (
    EncodingKind,
    LearntData,
    NoiseAt,
    Privacy,
    Requirements,
    StrategyChoice,
    UpdateEncoding,
)
from tests.agent.federation.participant.site import MODEL, Taking, at_work
from tests.agent.training.running.attempts import clouds

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def kept(folder: Path, name: str) -> dict[str, NDArray[Any]]:
    (file,) = folder.glob(f"common/participants/*/{name}")
    return array_file.read(file)


async def test_each_round_learns_what_is_new_and_tells_what_it_has_missed(
    cluster: Cluster, unique: str, tmp_path: Path
) -> None:
    changes = {"data": LearntData.NEW, "requirements": Requirements(records=500), "metrics": ("cloud/loss",)}
    taking = Taking(tmp_path, cluster, unique, changes=changes)
    await taking.make_topics()
    await taking.give("first")
    await taking.publish(0)
    async with at_work(taking) as site:
        await taking.updates(1)
        await taking.publish(1)
        await site.reason("waits for data: 0 new records of 500, without")
        await taking.publish(2)
        rows, labels = clouds()
        await taking.give("second", (rows[:501], labels[:501]))
        first, second = await taking.updates(2)
        status = await site.reason("waits for data: 0 new records of 500, without")
    assert (first.manifest.base, first.manifest.records) == (0, 600)
    assert (second.manifest.base, second.manifest.records) == (2, 501)
    assert second.manifest.number > first.manifest.number
    assert status.counters["rounds_missed"] == 1
    assert status.counters["updates_sent"] == 2
    assert status.counters["records"] == 1101
    # Nothing was held back, so that there is nothing to measure by.
    assert first.manifest.metrics == {}


async def test_what_an_encoding_lost_comes_with_the_next_update_and_changes_are_clipped(
    cluster: Cluster, unique: str, tmp_path: Path
) -> None:
    asked = UpdateEncoding(kind=EncodingKind.TOP_K, share=0.1)
    privacy = Privacy(norm=0.125)
    taking = Taking(tmp_path, cluster, unique, changes={"encoding": asked, "privacy": privacy})
    await taking.make_topics()
    await taking.give()
    await taking.publish(0)
    async with at_work(taking) as site:
        await site.reason("waits for a model newer than 0")
        await taking.publish(1)
        await site.reason("waits for a model newer than 1")
    first, second = [
        unpacked(one.content, encoding(asked), MODEL, controls=False)[0] for one in await taking.updates(2)
    ]
    assert 0 < norm(first) <= 0.125
    assert sum(int((one != 0).sum()) for one in first.values()) == 5
    # From the same model the same changes: those that were left out are added to the second.
    assert any((second[name] != first[name]).any() for name in MODEL)
    assert set(kept(tmp_path, "lost.npz")) == set(MODEL)


async def test_noise_is_drawn_at_the_site_where_its_policy_asks_for_some(
    cluster: Cluster, unique: str, tmp_path: Path
) -> None:
    policy = f'federations = ["{unique}"]\nsources = "any"\nmost_norm = 1.0\nleast_noise = 2.0\n'
    privacy = Privacy(norm=1.0, noise=4.0, at=NoiseAt.SITE)
    taking = Taking(tmp_path, cluster, unique, changes={"privacy": privacy}, policy=policy)
    await taking.make_topics()
    await taking.give()
    await taking.publish(0)
    async with at_work(taking):
        (update,) = await taking.updates(1)
    change, _ = unpacked(update.content, encoding(UpdateEncoding()), MODEL, controls=False)
    assert 10 < norm(change) < 60


async def test_a_strategy_with_control_variates_gets_their_changes(
    cluster: Cluster, unique: str, tmp_path: Path
) -> None:
    scaffold = StrategyChoice(name="scaffold", parameters={"participants": 2})
    taking = Taking(tmp_path, cluster, unique, changes={"strategy": scaffold})
    control = {f"control:{name}": np.full(one.shape, 0.25, np.float32) for name, one in MODEL.items()}
    await taking.make_topics()
    await taking.give()
    await taking.publish(0, {**MODEL, **control})
    async with at_work(taking) as site:
        (update,) = await taking.updates(1)
        await site.reason("waits for a model newer than 0")
    change, moved = unpacked(update.content, encoding(UpdateEncoding()), MODEL, controls=True)
    for name in MODEL:
        assert np.allclose(moved[name], -0.25 - change[name] / (19 * 0.05), atol=1e-5)
    assert np.allclose(kept(tmp_path, "control.npz")["cloud.0.bias"], moved["cloud.0.bias"])


async def test_a_site_that_has_lost_its_disk_goes_on_with_numbers_that_it_never_used(
    cluster: Cluster, unique: str, tmp_path: Path
) -> None:
    folders = tmp_path / "one", tmp_path / "other"
    for folder in folders:
        folder.mkdir()
    taking = Taking(folders[0], cluster, unique)
    await taking.make_topics()
    await taking.give()
    await taking.publish(0)
    async with at_work(taking) as site:
        await site.reason("waits for a model newer than 0")
    await taking.publish(1)
    again = Taking(folders[1], cluster, unique)
    async with at_work(again) as site:
        await site.reason("waits for a model newer than 1")
    first, second = await again.updates(2)
    assert second.manifest.number > first.manifest.number + 1
    assert (first.is_signed, second.is_signed) == (False, True)


async def test_a_stream_without_an_end_is_learnt_as_far_as_it_has_come(
    cluster: Cluster, unique: str, tmp_path: Path
) -> None:
    taking = Taking(tmp_path, cluster, unique, changes={"requirements": Requirements(records=80)})
    await taking.make_topics()
    topic = f"{unique}-open"
    announced = (
        b'{"topic": "%b", "unsupervised_topic": null, "input_format": "RAW", "description": "", '
        b'"dataset_restrictions": "{}", "input_config": {"data_type": "uint8", "label_type": "uint8", '
        b'"data_reshape": "12", "label_reshape": "1"}, "validation_rate": 0.0, "test_rate": 0.2, '
        b'"total_msg": null, "incremental": true}' % topic.encode()
    )
    await taking.announce(announced, key=None)
    await taking.publish(0)
    async with at_work(taking) as site:
        await site.reason("waits for data: 0 records of 80")
        await taking.send(topic)
        (update,) = await taking.updates(1)
    assert 80 <= update.manifest.records <= 480
    assert 0 <= update.manifest.metrics["cloud/accuracy"] <= 1
