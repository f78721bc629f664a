"""A site takes part: from a published model and announced records to an update that counts."""

from pathlib import Path

import numpy as np
import pytest

from agent.federation.encoding.floats import Float32
from agent.federation.encoding.update import unpacked
from shared.documents import Cluster, Phase
from tests.agent.federation.participant.site import MODEL, SITE, Taking, at_work
from tests.agent.training.running.attempts import clouds

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


async def test_a_site_learns_from_all_its_streams_and_sends_what_it_learnt(
    cluster: Cluster, unique: str, tmp_path: Path
) -> None:
    taking = Taking(tmp_path, cluster, unique)
    await taking.make_topics()
    rows, labels = clouds()
    await taking.give("many")
    await taking.give("few", (rows[:40], labels[:40]))
    await taking.publish(0)
    async with at_work(taking) as site:
        (update,) = await taking.updates(1)
        status = await site.reason("waits for a model newer than 0")
    manifest = update.manifest
    assert update.is_signed
    assert (manifest.participant, manifest.base, manifest.number, manifest.records) == (SITE, 0, 1, 640)
    assert manifest.steps == 20
    assert status.phase is Phase.RUNNING
    assert status.counters["updates_sent"] == 1
    change, _ = unpacked(update.content, Float32(), MODEL, controls=False)
    assert all(np.abs(one).max() > 0 for one in change.values())
