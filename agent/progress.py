"""How one workload stands: what its runner says of it, and what it says of itself while it lives."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import msgspec

from agent.clock import Clock
from agent.workload import RunningWorkload
from shared.documents import Phase, WorkloadStatus

# Only its runner knows when a workload has begun to leave, and when it is gone.
_TOLD_BY_THE_LIVING = frozenset({Phase.STARTING, Phase.RUNNING, Phase.FINISHED, Phase.FAILED})


class Progress:
    """`changed` is called whenever `status()` begins to answer differently, counters aside."""

    def __init__(self, id: str, kind: str, *, clock: Clock, changed: Callable[[], None]) -> None:
        self._clock = clock
        self._changed = changed
        self._live: RunningWorkload | None = None
        self._own = WorkloadStatus(id=id, kind=kind, phase=Phase.STARTING, since=clock.timestamp())
        self._refusal = ""
        self._observed = asyncio.Event()

    @property
    def phase(self) -> Phase:
        return self.status().phase

    @property
    def revision(self) -> str:
        """The document it lives by."""
        return self._own.revision

    def enter(self, phase: Phase, *, reason: str = "", deadline_s: float | None = None, for_good: bool = False) -> None:
        """A new phase; one with a deadline says until when it may last, a failure whether it will be tried again."""
        now = self._clock.now()
        deadline = None if deadline_s is None else (now + timedelta(seconds=deadline_s)).isoformat(timespec="seconds")
        self._own = msgspec.structs.replace(
            self._own,
            phase=phase,
            reason=reason,
            since=self._clock.timestamp(),
            deadline=deadline,
            for_good=for_good,
        )
        self._changed()

    def attach(self, live: RunningWorkload, revision: str) -> None:
        """From now on, until it is asked to leave, `live` answers."""
        self._live = live
        self._own = msgspec.structs.replace(self._own, revision=revision)
        self._changed()

    def applied(self, revision: str) -> None:
        self._own = msgspec.structs.replace(self._own, revision=revision)
        self.refuse("")

    def refuse(self, reason: str) -> None:
        """Why a newer document is not applied; the older one keeps running."""
        self._refusal = reason
        self._changed()

    def detach(self) -> None:
        """It lives no longer: what it counted stays, what it served does not."""
        if self._live is not None:
            self._own = msgspec.structs.replace(self._own, counters=self._live.status().counters)
            self._live = None

    def observe(self) -> None:
        """The live workload says that its status has changed."""
        self._observed.set()
        if self._live is not None and self.phase is not self._own.phase:
            self.enter(self.phase)
        else:
            self._changed()

    async def started(self) -> None:
        while self.phase is Phase.STARTING:
            self._observed.clear()
            await self._observed.wait()

    def status(self) -> WorkloadStatus:
        own = self._own
        if self._live is None:
            return msgspec.structs.replace(own, reason=own.reason or self._refusal)
        live = self._live.status()
        phase = live.phase if own.phase in _TOLD_BY_THE_LIVING and live.phase in _TOLD_BY_THE_LIVING else own.phase
        return msgspec.structs.replace(
            live,
            id=own.id,
            kind=own.kind,
            phase=phase,
            reason=own.reason or self._refusal or live.reason,
            revision=own.revision,
            since=own.since,
            deadline=own.deadline,
            for_good=live.for_good and phase is Phase.FAILED,
        )
