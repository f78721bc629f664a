"""The real agent with a real workload that needs no Kafka: it counts, and keeps a diary in its spool directory.

Its document's `group` says how it behaves: `crashes`, `never-starts`, `refuses-updates`, `drains-slowly`, ...
"""

import asyncio
import sys

from agent.__main__ import main
from agent.workload import RestartNeededError, Surroundings
from agent.workloads import Kind
from shared.documents import INFERENCE, InferenceWorkload, Phase, WorkloadStatus
from shared.errors import ModelError


class Counting:
    def __init__(self, document: InferenceWorkload, surroundings: Surroundings) -> None:
        self._document = document
        self._surroundings = surroundings
        self._phase = Phase.STARTING
        self._stopping = asyncio.Event()
        self._diary = surroundings.spool_directory / "diary"
        self._write("made")

    async def run(self) -> None:
        match self._document.group:
            case "crashes":
                raise ModelError("told to crash")
            case "is-no-model":
                raise ModelError("told to be no model")
            case "never-starts":
                await self._stopping.wait()
            case "fetches":
                path = await self._surroundings.artifact(self._document.versions[0].artifact)
                self._write(f"fetched {path.stat().st_size}")
        self._phase = Phase.RUNNING
        self._write(f"running {self._document.versions[0].version}")
        self._surroundings.changed()
        await self._stopping.wait()

    async def update(self, workload: InferenceWorkload) -> None:
        match workload.group:
            case "refuses-updates" | "is-no-model":
                raise ModelError("told to refuse")
            case "needs-restart":
                raise RestartNeededError("told to restart")
        self._document = workload
        self._write(f"updated {workload.versions[0].version}")

    async def drain(self) -> None:
        if self._document.group == "drains-slowly":
            await asyncio.sleep(60)
        self._write("drained")
        self._stopping.set()

    def status(self) -> WorkloadStatus:
        versions = tuple(one.id for one in self._document.versions)
        return WorkloadStatus(id=self._document.id, kind=INFERENCE, phase=self._phase, versions=versions)

    def _write(self, line: str) -> None:
        self._diary.parent.mkdir(parents=True, exist_ok=True)
        with self._diary.open("a") as file:
            file.write(f"{self._document.id} {line}\n")


if __name__ == "__main__":
    main(sys.argv[1:], known={INFERENCE: Kind(document=InferenceWorkload, load=lambda: Counting)})
