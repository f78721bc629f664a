"""A real agent that runs one workload: `python -m agent` on a state directory that already says what to do.

It is enrolled and holds its watch stream open like any other; the control plane has nothing new for it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import msgspec

from agent.state_store import StateStore
from shared.artifacts import ArtifactStore
from shared.documents import Assignment, InferenceWorkload, encode
from simulations.bench import network
from simulations.bench.bench import Bench
from simulations.programs import RunningProgram

# The generation of a node that was told nothing: the control plane agrees with it and stays silent.
_UNTOLD = 0


class Node:
    """`labels` are for deployments that find their nodes; a workload that is assigned here needs none."""

    def __init__(self, bench: Bench, name: str, *, labels: Mapping[str, str] | None = None) -> None:
        self.name = name
        self._layout = bench.layout
        state = self._layout.state(name)
        state.mkdir(mode=0o700)
        self._store = StateStore(state)
        with bench.client() as client:
            self._layout.admit(name, client)
        self._program = self._layout.agent(name, url=bench.url, labels=labels or {})

    def assign(self, workload: InferenceWorkload) -> None:
        """What it runs from its next start on."""
        artifacts = ArtifactStore(self._store.folder("artifacts"))
        for version in workload.versions:
            network.put(version.artifact, artifacts)
        workloads = (msgspec.Raw(encode(workload)),)
        self._store.save_assignment(Assignment(node=self.name, generation=_UNTOLD, workloads=workloads))

    @contextmanager
    def running(self, workload: InferenceWorkload | None = None) -> Iterator[RunningProgram]:
        """For the length of the block; then it is drained, which leaves its group cleanly."""
        if workload is not None:
            self.assign(workload)
        program = self._program.start(leashed=True)
        try:
            yield program
        finally:
            program.stop()
