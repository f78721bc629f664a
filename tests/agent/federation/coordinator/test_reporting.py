"""The newest is told, once a second at most, until it is acknowledged; what nobody wants to hear is said to be so."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import pytest

from agent.announcements.persistence import Persistence
from agent.backoff import Backoff
from agent.federation.coordinator.reporting import Reporting
from shared.documents.federation_workloads import FederationProgress, FederationReport
from shared.errors import ControlPlaneError


def report(round: int) -> FederationReport:
    return FederationReport(federation="f", edition=1, progress=FederationProgress(round=round))


class Plane:
    def __init__(self, *answers: int) -> None:
        self.answers = [*answers]
        self.heard: list[int] = []
        self.dismissals: list[str] = []

    async def post(self, said: FederationReport) -> None:
        status = self.answers.pop(0) if self.answers else 0
        if status:
            raise ControlPlaneError("no", status=status)
        self.heard.append(said.progress.round)

    def reporting(self, every_s: float = 0.0) -> Reporting:
        patience = Persistence(
            what="telling", changed=lambda: None, random=Random(1), retry=Backoff(first_s=0.001, cap_s=0.01)
        )
        return Reporting(post=self.post, persistence=patience, dismissed=self.dismissals.append, every_s=every_s)


@asynccontextmanager
async def running(reporting: Reporting, *rounds: int) -> AsyncIterator[None]:
    """Once these have been told."""
    going = asyncio.create_task(reporting.run())
    for one in rounds:
        reporting.tell(report(one))
    async with asyncio.timeout(30):
        await reporting.until_told()
    yield
    going.cancel()
    await asyncio.wait([going])


async def told(reporting: Reporting, *rounds: int) -> None:
    async with running(reporting, *rounds):
        pass


async def test_only_the_newest_is_told() -> None:
    plane = Plane()
    await told(plane.reporting(), 1, 2, 3)
    assert plane.heard == [3]


async def test_what_changes_within_a_second_is_told_together() -> None:
    plane = Plane()
    reporting = plane.reporting(every_s=60)
    async with running(reporting, 1):
        reporting.tell(report(2))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await reporting.until_told()
    assert plane.heard == [1]


async def test_a_control_plane_that_is_away_hears_of_it_later() -> None:
    plane = Plane(503, 500, 422)
    reporting = plane.reporting()
    await told(reporting, 7)
    assert (plane.heard, reporting.trouble) == ([7], "")


async def test_whoever_does_not_coordinate_any_more_is_dismissed_and_waits_for_nothing() -> None:
    plane = Plane(409)
    await told(plane.reporting(), 1)
    assert (plane.heard, plane.dismissals) == ([], ["no"])


async def test_nothing_new_is_not_told_again() -> None:
    plane = Plane()
    reporting = plane.reporting()
    await told(reporting, 1)
    reporting.tell(report(1))
    await told(reporting)
    assert plane.heard == [1]
