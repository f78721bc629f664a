"""The way an assignment takes on this node: offered, judged, written down, then acted on."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from http import HTTPStatus
from random import Random

from agent.backoff import Backoff
from agent.clock import Clock
from agent.control_plane import ControlPlane
from agent.generations import Verdict, judge
from agent.presence import Presence
from agent.state_store import Memory, StateStore
from agent.untaken import Untaken
from shared.documents import Assignment
from shared.errors import ControlPlaneError, StorageError

logger = logging.getLogger(__name__)

RECONNECT = Backoff(first_s=0.5, cap_s=60.0)


class Intake:
    """What this node holds, and the one door through which that changes. `stuck` is called when it cannot."""

    def __init__(
        self,
        node: str,
        store: StateStore,
        memory: Memory,
        *,
        accepted: Callable[[Assignment], None],
        stuck: Callable[[], None],
    ) -> None:
        self._node = node
        self._store = store
        self._accepted = accepted
        self._stuck = stuck
        self.assignment = memory.assignment
        self.highest = memory.highest
        self.refused: int | None = None
        self.untaken: Untaken | None = None

    @property
    def held(self) -> int:
        return self.assignment.generation if self.assignment else 0

    async def offer(self, assignment: Assignment) -> Verdict:
        """Raises StorageError when it cannot be written down: then it is not acted on either."""
        if assignment.node != self._node:
            raise ControlPlaneError(f"offered an assignment of node {assignment.node!r}: not taken")
        verdict = judge(assignment.generation, held=self.held, highest=self.highest)
        if verdict is Verdict.REFUSE:
            self._refuse(assignment.generation)
        if verdict is Verdict.ACCEPT:
            await self._write_down(assignment)
            self._accept(assignment)
        return verdict

    async def _write_down(self, assignment: Assignment) -> None:
        try:
            await asyncio.to_thread(self._store.save_assignment, assignment)
        except StorageError as error:
            self.untaken = Untaken(assignment=assignment, reason=str(error))
            self._stuck()
            raise

    def _accept(self, assignment: Assignment) -> None:
        self.assignment, self.highest, self.refused = assignment, assignment.generation, None
        self.untaken = None
        fields = {"generation": assignment.generation, "workloads": len(assignment.workloads)}
        logger.info("assignment accepted", extra=fields)
        self._accepted(assignment)

    def _refuse(self, generation: int) -> None:
        if self.refused != generation:
            logger.warning(
                "assignment refused: its generation goes backwards; an operator has to confirm it",
                extra={"generation": generation, "highest": self.highest},
            )
        self.refused = generation


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Holds one request open, for ever: reconnects with a jittered back-off when it breaks or falls silent.

    `answered` is called whenever the control plane accepts the request.
    """

    node: str
    control_plane: ControlPlane
    intake: Intake
    presence: Presence
    answered: Callable[[], None]
    judged: Callable[[Verdict], None]
    silence_deadline_s: float
    reconnect: Backoff = RECONNECT
    clock: Clock = field(default_factory=Clock)
    random: Random = field(default_factory=Random)

    async def run(self) -> None:
        """Until cancelled; raises ControlPlaneError only when the credential is rejected."""
        failures = 0
        while True:
            began = self.clock.monotonic()
            is_well = await self._follow_once()
            lasted = self.clock.monotonic() - began > self.silence_deadline_s
            # A stream that lasted and ended in good order is a server or a proxy renewing it: not worth a word.
            failures = 1 if lasted else failures + 1
            if is_well and not lasted:
                self.presence.lost("the watch stream ended at once")
            await asyncio.sleep(self.reconnect.delay_s(failures, jitter=self.random.random()))

    async def _follow_once(self) -> bool:
        """False when the stream broke, or what it brought could not be taken."""
        try:
            await self._follow()
        except ControlPlaneError as error:
            if error.status == HTTPStatus.UNAUTHORIZED:
                raise
            self.presence.lost(str(error))
            return False
        except StorageError as error:
            # Offered again after the back-off, for as long as the disk takes to be mended.
            logger.error("assignment neither written down nor acted on", extra={"reason": str(error)})
            return False
        return True

    async def _follow(self) -> None:
        stream = self.control_plane.watch(self.node, self.intake.held, silence_deadline_s=self.silence_deadline_s)
        async with aclosing(stream) as items:
            await anext(items)
            self.presence.found()
            self.answered()
            async for assignment in items:
                self.presence.found()
                if assignment is not None:
                    self.judged(await self.intake.offer(assignment))
