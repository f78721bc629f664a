"""An assignment that could not be written down, and so is not acted on: what is said meanwhile. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec

from agent.workloads import Entry, entries
from shared.documents import Assignment, Phase, WorkloadStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Untaken:
    """It is offered again and again, until it is written down or another one is."""

    assignment: Assignment
    reason: str

    def told(self, statuses: Iterable[WorkloadStatus]) -> Iterator[WorkloadStatus]:
        """`statuses` with the reason: what runs keeps running as it is, what is new has failed for now."""
        wanted = entries(self.assignment.workloads)
        for status in statuses:
            entry = wanted.pop(status.id, None)
            is_changed = entry is not None and entry.revision != status.revision
            yield msgspec.structs.replace(status, reason=self._reason) if is_changed else status
        yield from map(self._failed, wanted.values())

    @property
    def _reason(self) -> str:
        return f"generation {self.assignment.generation} is not applied: {self.reason}"

    def _failed(self, entry: Entry) -> WorkloadStatus:
        return WorkloadStatus(id=entry.id, kind=entry.kind, phase=Phase.FAILED, reason=self._reason)
