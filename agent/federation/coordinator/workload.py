"""A federation's coordinator as a workload: one life after the other, and what becomes of the last model."""

import asyncio
import secrets
from contextlib import suppress
from random import Random

from msgspec.structs import replace

from agent.announcements.persistence import Persistence
from agent.backoff import Backoff
from agent.federation.aggregation.strategies import strategy
from agent.federation.coordinator.account import Account
from agent.federation.coordinator.attempt import Attempt
from agent.federation.coordinator.orders import Orders
from agent.federation.coordinator.reporting import Reporting
from agent.federation.coordinator.standing import LogError
from agent.federation.coordinator.takeover import SupersededError
from agent.federation.privacy.accountant import accountant
from agent.training.running.outcome import HopelessError, LeftError
from agent.workload import RestartNeededError, Surroundings
from shared.documents import Phase, WorkloadStatus
from shared.documents.federation_workloads import CoordinatorWorkload
from shared.errors import DocumentError, FoglineError, SettingsError, UnavailableError
from shared.kafka import FencedError

RETRY = Backoff(first_s=1.0, cap_s=60.0)
# Two that shut each other out in turn would both get nowhere.
_FENCED_PAUSE_S = 2.0
_FOR_GOOD = (HopelessError, LogError, SupersededError, DocumentError, SettingsError, UnavailableError)


class Coordinator:
    """What ends it for good is told by its status, and it idles until it is drained: see RunningWorkload.

    Raises SettingsError for a strategy that is none.
    """

    def __init__(self, document: CoordinatorWorkload, surroundings: Surroundings, *, retry: Backoff = RETRY) -> None:
        federating = surroundings.federating
        if federating is None:
            raise SettingsError("this node gives its coordinators no way to report")
        self._document = document
        self._retry = retry
        self._random = Random()  # noqa: S311 - it spreads retries
        self._orders = Orders()
        self._orders.follow(document)
        federation = document.federation
        chosen = strategy(federation.strategy.name, federation.strategy.parameters)
        self._reporting = Reporting(
            post=federating.report,
            persistence=Persistence(
                what="reporting the federation", changed=surroundings.changed, random=self._random, retry=retry
            ),
            dismissed=lambda reason: self._orders.dismiss(f"the control plane says: {reason}"),
        )
        self._account = Account(
            document=document,
            awaited=max(federation.rounds.updates, chosen.least),
            changed=surroundings.changed,
            tell=self._reporting.tell,
        )
        self._attempt = Attempt(
            document=document,
            surroundings=surroundings,
            strategy=chosen,
            orders=self._orders,
            account=self._account,
            # No other life of any coordinator ever has it.
            by=f"{surroundings.node} {surroundings.boot_id} {secrets.token_hex(8)}",
        )
        self._leaving = asyncio.Event()

    async def run(self) -> None:
        """Raises StorageError where even its folder cannot be made, UnavailableError without what reckons privacy."""
        spent = await asyncio.to_thread(accountant, self._document.federation.privacy)
        self._account.epsilon, self._attempt.most_updates = spent.epsilon, spent.most_updates
        await self._attempt.make_folder()
        self._account.enter(Phase.RUNNING)
        async with asyncio.TaskGroup() as tasks:
            working = [
                tasks.create_task(self._work()),
                tasks.create_task(self._reporting.run()),
                tasks.create_task(self._attempt.court.run()),
            ]
            await self._leaving.wait()
            # At once: nothing is promised that is not in the log.
            for one in working:
                one.cancel()

    async def update(self, document: CoordinatorWorkload) -> None:
        if _fixed(document) != _fixed(self._document):
            raise RestartNeededError("another federation, network or cluster: it goes on from its log")
        self._document = self._account.document = document
        self._orders.follow(document)

    async def drain(self) -> None:
        self._leaving.set()

    def status(self) -> WorkloadStatus:
        return self._account.status(self._attempt.trouble or self._reporting.trouble)

    async def _work(self) -> None:
        failures = 0
        while True:
            try:
                self._account.over(await self._attempt.go())
                break
            except _FOR_GOOD as error:
                self._account.enter(Phase.FAILED, reason=str(error), for_good=not isinstance(error, SupersededError))
                return
            except LeftError:
                return
            except FoglineError as error:
                failures = 0 if self._attempt.has_gone_further() else failures + 1
                self._account.wait(f"{error}; trying again")
                await self._pause(failures, least_s=_FENCED_PAUSE_S if isinstance(error, FencedError) else 0.0)
        await self._reporting.until_told()
        self._account.enter(Phase.FINISHED)

    async def _pause(self, failures: int, *, least_s: float) -> None:
        delay_s = self._retry.delay_s(max(1, failures), jitter=self._random.random())
        with suppress(TimeoutError):
            async with asyncio.timeout(max(least_s, delay_s)):
                await self._leaving.wait()


def _fixed(document: CoordinatorWorkload) -> CoordinatorWorkload:
    """All that cannot change while it runs."""
    return replace(document, participants={}, is_paused=False, is_cancelled=False)
