"""The life of one workload on this node: started, updated, restarted after a crash, drained.

    starting -> running [-> finished] -> draining -> stopped
        |          |
        +----------+-> failed: waits, then starts again; what nothing but another document can mend waits for that

A workload says itself that it has `finished`, or `failed` for good, and lives on until it is asked to leave.
`starting` and `draining` have deadlines. A runner ends only when it was asked to drain.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

from agent.backoff import Backoff
from agent.clock import Clock
from agent.control_plane import is_passing
from agent.life import Life
from agent.progress import Progress
from agent.reconcile import Running
from agent.workload import RestartNeededError, RunningWorkload
from agent.workloads import Entry
from shared.documents import Phase, Workload, WorkloadStatus
from shared.errors import (
    ArtifactError,
    ControlPlaneError,
    DocumentError,
    FoglineError,
    ModelError,
    SettingsError,
    StorageError,
    UnavailableError,
)

logger = logging.getLogger(__name__)

# Having lived this long, a crash opens a new story and is not the next chapter of the last one.
STEADY_S = 120.0
RETRY = Backoff(first_s=1.0, cap_s=60.0)
# Only another document mends the first three; the others may be mended on this box, by an artifact fetched anew.
_UNREADABLE = (DocumentError, SettingsError, UnavailableError)
_UNFIT = (*_UNREADABLE, ArtifactError, ModelError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """How runners come by what they run, and how patient they are.

    `read` raises DocumentError, SettingsError, UnavailableError: trying again would not help.
    `build` gets the function to call when the workload's status has changed.
    """

    read: Callable[[Entry], Workload]
    build: Callable[[Entry, Workload, Callable[[], None]], Awaitable[RunningWorkload]]
    drain_deadline_s: float
    retry: Backoff = RETRY
    clock: Clock = field(default_factory=Clock)
    random: Random = field(default_factory=Random)


class Runner:
    """`proven` is the document of this workload that worked last, `proved` is told of each that does; `changed` is
    called whenever `status()` begins to answer differently, counters aside."""

    def __init__(
        self,
        entry: Entry,
        workshop: Workshop,
        *,
        proven: Entry | None,
        proved: Callable[[Entry], None],
        changed: Callable[[], None],
    ) -> None:
        self._workshop = workshop
        self._wanted = self._tried = entry
        self._proven = proven
        self._proved = proved
        self._refused: Entry | None = None
        self._progress = Progress(entry.id, entry.kind, clock=workshop.clock, changed=changed)
        self._asked = asyncio.Event()
        self._leaving = asyncio.Event()
        self._drain_asked = False

    @property
    def running(self) -> Running:
        """As reconcile sees it: a restart on the way is not a departure."""
        phase = self._progress.phase
        if phase is not Phase.STOPPED:
            phase = Phase.DRAINING if self._drain_asked else Phase.RUNNING
        return Running(kind=self._wanted.kind, revision=self._wanted.revision, phase=phase)

    @property
    def entry(self) -> Entry:
        """As it was last asked for."""
        return self._wanted

    @property
    def runs_as_assigned(self) -> bool:
        is_well = self._progress.phase in (Phase.RUNNING, Phase.FINISHED)
        return is_well and self._progress.revision == self._wanted.revision

    def status(self) -> WorkloadStatus:
        return self._progress.status()

    def update(self, entry: Entry) -> None:
        self._wanted = entry
        self._asked.set()

    def drain(self) -> None:
        self._drain_asked = True
        self._leaving.set()
        self._asked.set()

    async def run(self) -> None:
        """Until drained. A workload's error is its own: it is reported, waited out, and the workload tried again."""
        failures, reason = 0, ""
        while not self._drain_asked:
            began = self._workshop.clock.monotonic()
            try:
                await self._live()
                failures, reason = 0, ""
            except Exception as error:  # noqa: BLE001 - a workload fails alone, whatever it raises
                reason = self._report("workload failed", error)
                failures = 1 if self._workshop.clock.monotonic() - began > STEADY_S else failures + 1
                if not self._drain_asked and not self._falls_back(error, reason):
                    is_lasting = isinstance(error, _UNREADABLE)
                    self._progress.enter(Phase.FAILED, reason=reason, for_good=is_lasting)
                    await self._wait(None if is_lasting else failures)
        self._progress.enter(Phase.STOPPED, reason=reason)

    def _falls_back(self, error: Exception, reason: str) -> bool:
        """To the document that worked last, from one that is no good here: an outage would be the worse answer."""
        never_worked = self._proven is not None and self._tried.revision != self._proven.revision
        if never_worked and isinstance(error, _UNFIT):
            self._refuse(self._tried, reason)
            return True
        return False

    def _refuse(self, entry: Entry, reason: str) -> None:
        self._refused = entry
        self._progress.refuse(reason)

    async def _live(self) -> None:
        if self._proven is not None and self._refused is self._wanted:
            entry = self._proven
        else:
            entry = self._wanted
            self._progress.refuse("")
        self._tried = entry
        self._asked.clear()
        if not self._drain_asked:
            self._leaving.clear()
        self._progress.enter(Phase.STARTING)
        document = self._workshop.read(entry)
        self._progress.enter(Phase.STARTING, deadline_s=document.start_deadline_s)
        workload = await self._workshop.build(entry, document, self._progress.observe)
        self._progress.attach(workload, entry.revision)
        try:
            await self._life(workload, entry, document.start_deadline_s).live(self._leaving)
        finally:
            self._progress.detach()

    def _life(self, workload: RunningWorkload, entry: Entry, start_deadline_s: float) -> Life:
        return Life(
            workload=workload,
            progress=self._progress,
            start_deadline_s=start_deadline_s,
            drain_deadline_s=self._workshop.drain_deadline_s,
            attend=lambda: self._attend(workload),
            started=lambda: self._prove(entry),
        )

    def _prove(self, entry: Entry) -> None:
        self._proven = entry
        self._proved(entry)
        logger.info("workload runs", extra={"workload": entry.id, "revision": entry.revision})

    async def _attend(self, workload: RunningWorkload) -> None:
        """Apply newer documents; one that failed for a passing reason again and again."""
        failures: int | None = None
        while True:
            await self._wait(failures)
            failures = None if await self._update(workload) else (failures or 0) + 1

    async def _update(self, workload: RunningWorkload) -> bool:
        """False when the same document may be applied later."""
        entry = self._wanted
        if entry.revision == self._progress.revision:
            self._progress.refuse("")
            return True
        if self._progress.phase is Phase.STARTING:
            # What does not serve yet has nothing to lose: a fresh start is simpler than a change under way.
            self._leaving.set()
            return True
        try:
            await self._apply(workload, entry)
        except RestartNeededError:
            self._leaving.set()
        except Exception as error:  # noqa: BLE001 - a bad update must not end what runs
            reason = self._report("update refused", error)
            if _may_pass(error):
                self._progress.refuse(reason)
                return False
            self._refuse(entry, reason)
        return True

    async def _apply(self, workload: RunningWorkload, entry: Entry) -> None:
        document = self._workshop.read(entry)
        try:
            async with asyncio.timeout(document.start_deadline_s):
                await workload.update(document)
        except TimeoutError as error:
            raise FoglineError(f"not applied within {document.start_deadline_s:g} s") from error
        self._refused = None
        self._progress.applied(entry.revision)
        self._prove(entry)

    async def _wait(self, failures: int | None) -> None:
        """Until something new is asked, or, after `failures`, for the back-off at most."""
        delay = (
            None if failures is None else self._workshop.retry.delay_s(failures, jitter=self._workshop.random.random())
        )
        with suppress(TimeoutError):
            async with asyncio.timeout(delay):
                await self._asked.wait()
        self._asked.clear()

    def _report(self, what: str, error: Exception) -> str:
        expected = isinstance(error, FoglineError)
        reason = str(error) if expected else f"{type(error).__name__}: {error}"
        logger.error(what, extra={"workload": self._wanted.id, "reason": reason}, exc_info=None if expected else error)
        return reason


def _may_pass(error: Exception) -> bool:
    """A disk, too, is mended without anybody changing the document."""
    if isinstance(error, ControlPlaneError):
        return is_passing(error)
    return isinstance(error, StorageError) or (isinstance(error, FoglineError) and error.retriable)
