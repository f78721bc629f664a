"""A training run as a workload: this process fetches, watches over child processes and hands in what they made."""

import asyncio
from contextlib import suppress
from random import Random

import msgspec

from agent.backoff import Backoff
from agent.training.online.attempt import OnlineAttempt
from agent.training.running import ledger
from agent.training.running.account import Account
from agent.training.running.attempt import Attempt
from agent.training.running.children import Children
from agent.training.running.crashes import after_crash
from agent.training.running.folders import run_folder
from agent.training.running.ledger import Ledger
from agent.training.running.outcome import CrashedError, HopelessError
from agent.workload import RestartNeededError, Surroundings
from shared.documents import Phase, WorkloadStatus
from shared.documents.training_workloads import TrainingWorkload
from shared.errors import DocumentError, FoglineError

_NOT_LEARNT_FROM = "records without labels go on coming on topic {!r}: nothing is learnt from those, they have no end"
RETRY = Backoff(first_s=1.0, cap_s=60.0)


class Training:
    """What ends it for good is told by its status, and it idles until it is drained: see RunningWorkload."""

    def __init__(self, document: TrainingWorkload, surroundings: Surroundings, *, retry: Backoff = RETRY) -> None:
        self._document = document
        self._retry = retry
        self._random = Random()  # noqa: S311 - it spreads retries
        self._folder = surroundings.common / run_folder(document.id)
        self._account = Account(document, surroundings.metrics, surroundings.changed)
        self._children = Children(folder=self._folder, heard=self._account.heard, noticed=self._account.notice)
        self._attempt = self._prepared(surroundings)
        self._leaving = asyncio.Event()

    async def run(self) -> None:
        """Raises StorageError where even its folder cannot be made."""
        self._account.enter(Phase.RUNNING)
        async with asyncio.TaskGroup() as tasks:
            working = tasks.create_task(self._work())
            await self._leaving.wait()
            if not self._children.leave():
                working.cancel()

    async def update(self, document: TrainingWorkload) -> None:
        raise RestartNeededError("another attempt, or another place to read from: the run goes on from its folder")

    async def drain(self) -> None:
        self._leaving.set()

    def status(self) -> WorkloadStatus:
        return self._account.status()

    def _prepared(self, surroundings: Surroundings) -> Attempt | OnlineAttempt:
        document, folder, account = self._document, self._folder, self._account
        if document.announcement.has_end:
            return Attempt(
                document=document, surroundings=surroundings, folder=folder, account=account, children=self._children
            )
        return OnlineAttempt(document=document, surroundings=surroundings, folder=folder, account=account)

    async def _work(self) -> None:
        now = await asyncio.to_thread(ledger.opened, self._folder, self._document)
        if left_out := self._document.announcement.unlabelled_open_topic:
            self._account.notice(_NOT_LEARNT_FROM.format(left_out))
        failures = 0
        while not now.handed_in:
            try:
                await self._attempt.go()
                now = await self._remember(msgspec.structs.replace(now, handed_in=True))
            except (HopelessError, DocumentError) as error:
                self._account.enter(Phase.FAILED, reason=str(error))
                return
            except CrashedError as error:
                if self._leaving.is_set():
                    # One that did not leave in time was ended: that says nothing of the run.
                    return
                now = await self._remember(after_crash(now, self._account.reached))
                if self._is_one_too_many(now.crashes, error):
                    return
                await self._pause(now.crashes)
            except FoglineError as error:
                if self._leaving.is_set():
                    return
                failures += 1
                self._account.wait(f"{error}; trying again")
                await self._pause(failures)
        self._account.enter(Phase.FINISHED)

    def _is_one_too_many(self, crashes: int, error: CrashedError) -> bool:
        most = self._document.most_crashes
        if crashes > most:
            counted = f"crash {crashes} without getting further, and {most} are tried again"
            self._account.enter(Phase.FAILED, reason=f"{error}; this was {counted}")
            return True
        self._account.crashed(f"{error}; crash {crashes}, tried again from where it was")
        return False

    async def _remember(self, now: Ledger) -> Ledger:
        await asyncio.to_thread(ledger.save, self._folder, now)
        return now

    async def _pause(self, failures: int) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._retry.delay_s(failures, jitter=self._random.random())):
                await self._leaving.wait()
