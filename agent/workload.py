"""What a node can run: one protocol for inference, training, participants and coordinators."""

from typing import Protocol

from shared.documents import Workload, WorkloadStatus


class RunningWorkload(Protocol):
    """The life of one workload on this node. The runner owns its task; reconcile never sees it."""

    async def run(self) -> None:
        """Run until drained or cancelled; raise to fail. Cancelled: stop at once, losing nothing that was promised."""
        ...

    async def update(self, workload: Workload) -> None:
        """Apply a changed document without a restart. Raises when it cannot; the old one then keeps running."""
        ...

    async def drain(self) -> None:
        """Take no new work, finish what was begun, return. Idempotent."""
        ...

    def status(self) -> WorkloadStatus: ...
