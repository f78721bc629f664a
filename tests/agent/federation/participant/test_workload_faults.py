"""Whatever keeps a site from taking part stands in its reason, and it goes on once that is over."""

import socket
from datetime import datetime
from pathlib import Path

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete

from shared.documents import Cluster, Phase
from shared.documents.federation import Requirements
from shared.kafka import admin
from shared.streams.announcement import Announcement
from tests.agent.federation.participant.site import Taking, at_work
from tests.agent.training.running.attempts import TORCH_NETWORK

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SECRET = "seen: 17 years, diabetes"


def away(name: str) -> Cluster:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return Cluster(name=name, bootstrap_servers=(f"127.0.0.1:{free.getsockname()[1]}",))


async def expire(taking: Taking, announcement: Announcement, before: int) -> None:
    partition = TopicPartition(announcement.ranges[0].topic, 0)
    async with admin(taking.cluster) as client:
        await client.delete_records({partition: RecordsToDelete(before_offset=before)})


async def test_without_a_policy_a_site_takes_part_in_nothing(cluster: Cluster, unique: str, tmp_path: Path) -> None:
    async with at_work(Taking(tmp_path, cluster, unique, policy=None)) as site:
        status = await site.reason("name a policy file as federation_policy in the agent's settings")
    assert status.phase is Phase.FAILED


async def test_a_site_takes_part_once_its_own_people_let_it(cluster: Cluster, unique: str, tmp_path: Path) -> None:
    noon = datetime(2026, 11, 22, 12).astimezone()
    policy = 'federations = ["others"]\nsources = "any"\n'
    taking = Taking(tmp_path, cluster, unique, policy=policy, now=lambda: noon)
    async with at_work(taking) as site:
        refused = await site.reason("refused by this site's policy: federations:")
        taking.allow(f'federations = ["{unique}"]\nsources = "any"\nhours = ["22:00-06:00"]\n')
        held_up = await site.reason("this site's policy has it wait: hours:", "is allowed")
        taking.allow(f'federations = ["{unique}"]\nsources = "any"\n')
        granted = await site.reason("waits for data: no stream is announced")
    assert (refused.phase, held_up.phase, granted.phase) == (Phase.FAILED, Phase.RUNNING, Phase.RUNNING)


async def test_a_schema_that_nearly_matches_is_refused_in_words(
    cluster: Cluster, unique: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    required = Requirements(shape=(12, 1), records=700)
    taking = Taking(tmp_path, cluster, unique, changes={"requirements": required})
    await taking.announce(b"no announcement")
    await taking.give()
    async with at_work(taking) as site:
        status = await site.reason("waits for data: no announced stream fits", "records have shape [12], not [12, 1]")
    assert status.counters["refused_announcements"] == 1
    assert any(one.message == "announcement cannot be read" for one in caplog.records)


async def test_what_expires_in_a_round_costs_that_update_and_the_next_learns_what_is_left(
    cluster: Cluster, unique: str, tmp_path: Path
) -> None:
    taking = Taking(tmp_path, cluster, unique)
    await taking.make_topics()
    announcement = await taking.give()
    await taking.publish(0)

    async def expired() -> None:
        taking.fetched = None
        await expire(taking, announcement, 250)

    taking.fetched = expired
    async with at_work(taking) as site:
        await site.reason("an update of model 0 was given up", "has expired up to 250")
        (update,) = await taking.updates(1)
    assert (update.manifest.base, update.manifest.records) == (0, 350)


@pytest.mark.parametrize("which", ["site", "platform"])
async def test_a_cluster_that_is_away_is_waited_for(which: str, cluster: Cluster, unique: str, tmp_path: Path) -> None:
    taking = Taking(tmp_path, cluster, unique)
    await taking.give()
    if which == "site":
        taking.own = away("site")
    else:
        taking.own, taking.cluster = cluster, away("platform")
    async with at_work(taking) as site:
        status = await site.reason(f"cluster '{which}'")
    assert status.phase is Phase.RUNNING


async def test_what_a_networks_own_code_says_stays_at_the_site(cluster: Cluster, unique: str, tmp_path: Path) -> None:
    spying = TORCH_NETWORK.replace(
        '        return {"cloud"', f'        raise ValueError("{SECRET}")\n        return {{"cloud"'
    )
    taking = Taking(tmp_path, cluster, unique, network=spying)
    await taking.make_topics()
    await taking.give()
    await taking.publish(0)
    async with at_work(taking) as site:
        status = await site.reason("an update of model 0 was given up: training failed, and this site's log says why")
        after = await site.reason("waits for a model newer than 0")
    assert SECRET not in status.reason
    assert SECRET not in after.reason
