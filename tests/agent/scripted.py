"""A workload that does what its test says."""

import asyncio
from collections.abc import Callable

from shared.documents import InferenceWorkload, Phase, WorkloadStatus
from shared.errors import FoglineError


class Scripted:
    """Serves once `start` is set; fails once `crash` is; refuses updates with `refusal`."""

    def __init__(self, document: InferenceWorkload, changed: Callable[[], None]) -> None:
        self.document = document
        self.changed = changed
        self.phase = Phase.STARTING
        self.crash: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.refusal: FoglineError | None = None
        self.stuck = False
        self.for_good = False

    def start(self) -> None:
        self.phase = Phase.RUNNING
        self.changed()

    async def run(self) -> None:
        await self.crash
        # As the real one does: it says that it has stopped before its runner knows.
        self.phase = Phase.STOPPED
        self.changed()

    async def update(self, workload: InferenceWorkload) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.document = workload

    async def drain(self) -> None:
        if not self.stuck and not self.crash.done():
            self.crash.set_result(None)

    def status(self) -> WorkloadStatus:
        versions = tuple(one.id for one in self.document.versions)
        return WorkloadStatus(
            id=self.document.id, kind="inference", phase=self.phase, versions=versions, for_good=self.for_good
        )
