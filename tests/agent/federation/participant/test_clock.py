"""A site whose clock is wrong: its updates count as any other's, and only its policy's hours go by it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from shared.documents import Cluster, Phase
from shared.documents.federation import Rounds, Stop
from tests.agent.federation.coordinator.workloads import at_work as coordinating
from tests.agent.federation.coordinator.workloads import workload
from tests.agent.federation.participant.site import SITE, Taking, at_work
from tests.agent.pretend import pretend_control_plane
from tests.agent.training.running.attempts import TORCH_NETWORK, Bench

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.mark.parametrize("hours", [30, -30], ids=["ahead", "behind"])
async def test_a_clock_that_is_more_than_a_day_off_holds_an_update_up_by_hours_alone(
    hours: int, cluster: Cluster, unique: str, tmp_path: Path
) -> None:
    def wrong() -> datetime:
        return datetime.now(UTC) + timedelta(hours=hours)

    def allowed(now: datetime) -> str:
        """An hour before and one after; the right clock and the wrong one are six hours apart by the time of day."""
        begin, end = now.astimezone() - timedelta(hours=1), now.astimezone() + timedelta(hours=1)
        return f'federations = ["{unique}"]\nsources = "any"\nhours = ["{begin:%H:%M}-{end:%H:%M}"]\n'

    # 1. By the right clock it may, and by its own it may not.
    rules = {"rounds": Rounds(updates=1), "stop": Stop(rounds=1)}
    (tmp_path / "site").mkdir()
    taking = Taking(tmp_path / "site", cluster, unique, policy=allowed(datetime.now(UTC)), changes=rules, now=wrong)
    await taking.give()
    document = workload(taking.document.federation, cluster)
    document = msgspec.structs.replace(document, participants={SITE: taking.signer.public})
    async with pretend_control_plane() as control_plane:
        bench = Bench(tmp_path / "node", control_plane, networks=(TORCH_NETWORK,))
        async with coordinating(document, bench) as work, at_work(taking) as site:
            await site.reason("this site's policy has it wait: hours: it is", "is allowed")
            # 2. By its own it may, and what it sends counts as any other's.
            taking.allow(allowed(wrong()))
            last = await work.until(lambda status: status.phase is Phase.FINISHED)
            assert last.counters == {"rounds": 1, "accepted": 1, "refused": 0}
        (told,) = work.told.reports[-1].progress.participants
        assert (told.updates, told.staleness) == (1, 0)
        # 3. When, the coordinator knows by its own clock.
        assert told.last_at is not None
        assert abs(datetime.fromisoformat(told.last_at) - datetime.now(UTC)) < timedelta(minutes=5)
