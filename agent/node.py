"""The parts of one agent, put together."""

import asyncio
import logging
import secrets
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import TYPE_CHECKING

from agent.artifacts import Artifacts, named
from agent.clock import Clock
from agent.clusters import own
from agent.control_plane import ControlPlane, trust
from agent.generations import Verdict
from agent.metrics import Metrics
from agent.presence import Presence
from agent.runner import Workshop
from agent.runners import Runners
from agent.settings import Settings
from agent.shell_metrics import ShellMetrics
from agent.state_store import StateStore
from agent.status_reporter import StatusReporter
from agent.tidying import Tidier
from agent.traces import Traces
from agent.uploads import upload
from agent.watch import Intake, Watch
from agent.workload import Federating, RunningWorkload, Surroundings
from agent.workloads import Entry, Kind, entries, folder_name, read
from shared.artifacts import ArtifactStore
from shared.documents import Assignment, NodeCredential, NodeFacts, NodeReport, Workload, WorkloadStatus
from shared.errors import StorageError, UnavailableError
from shared.importing import importing

if TYPE_CHECKING:
    from agent.federation.wire.signing import Signer

logger = logging.getLogger(__name__)


class Node:
    """Made once the state directory is locked; `kinds` are the workloads it can run. Raises StorageError."""

    def __init__(
        self, settings: Settings, *, kinds: Mapping[str, Kind], clock: Clock, traces: Traces | None = None
    ) -> None:
        self._settings = settings
        self._kinds = kinds
        self._clock = clock
        self._traces = traces
        self.store = StateStore(settings.state_dir)
        memory = self.store.restore()
        self.store.save_boots(memory.boots + 1)
        # The counter orders boots; the random part tells them apart should the counter ever be lost.
        self.boot_id = f"{memory.boots + 1}-{secrets.token_hex(4)}"
        # An enrolled node keeps its name, whatever its settings say today.
        self.name = memory.credential.name if memory.credential else settings.name
        self.token, self.labels = settings.token, settings.labels
        self.facts = NodeFacts(workload_kinds=tuple(kinds), report_interval_s=settings.report_interval_s)
        self.metrics = Metrics()
        self.presence = Presence(clock)
        self.control_plane = self._control_plane(memory.credential)
        self._artifacts = Artifacts(ArtifactStore(self.store.folder("artifacts")), self.control_plane)
        self._spool = self.store.folder("spool")
        self.reporter = self._reporter()
        self.runners = self._runners(entries(memory.proven))
        self._common = self.store.folder("common")
        self.tidier = Tidier(
            self._common, self.store.directory / "leaving", kinds=kinds, needed=lambda: self.runners.entries()
        )
        self.intake = Intake(self.name, self.store, memory, accepted=self._assign, stuck=self.reporter.changed)
        self.watch = self._watch()

    def resume(self) -> None:
        """Run what this node ran when it was last up."""
        if self.intake.assignment is not None:
            self._assign(self.intake.assignment)
        self.tidier.tidy()

    def public_key(self) -> str:
        """What this node's signatures are checked with; empty where it takes part in no federation.

        Raises StorageError, UnavailableError.
        """
        return self._signer().public if self._settings.federation_policy is not None else ""

    def _signer(self) -> "Signer":
        """Imported where it is needed: a node that signs nothing pays nothing for it."""
        try:
            with importing():
                from agent.federation.wire.signing import Signer
        except ImportError as error:
            raise UnavailableError(f"this agent cannot sign: {error}; install fogline[federation]") from error
        return Signer.kept_in(self.store.directory / "signing-key")

    def _control_plane(self, credential: NodeCredential | None) -> ControlPlane:
        return ControlPlane(
            self._settings.control_plane,
            tls=trust(self._settings.control_plane, self._settings.ca_file),
            credential=credential.credential if credential else "",
        )

    def _reporter(self) -> StatusReporter:
        return StatusReporter(
            control_plane=self.control_plane,
            compose=self._report,
            presence=self.presence,
            interval_s=self._settings.report_interval_s,
        )

    def _runners(self, proven: Mapping[str, Entry]) -> Runners:
        return Runners(
            self._workshop(),
            proven=proven,
            changed=self.reporter.changed,
            proved=self._remember,
            forgotten=self._forget,
            settled=self._settle,
        )

    def _workshop(self) -> Workshop:
        return Workshop(
            read=partial(read, known=self._kinds, overrides=self._settings.clusters),
            build=self._build,
            drain_deadline_s=self._settings.drain_deadline_s,
            clock=self._clock,
        )

    def _watch(self) -> Watch:
        shell = ShellMetrics(self.metrics)
        shell.show(
            held=lambda: self.intake.held,
            highest=lambda: self.intake.highest,
            is_there=lambda: self.presence.is_there,
            statuses=self.runners.statuses,
        )
        return Watch(
            node=self.name,
            control_plane=self.control_plane,
            intake=self.intake,
            presence=self.presence,
            answered=self.reporter.answered,
            judged=partial(self._judged, shell),
            silence_deadline_s=self._settings.silence_deadline_s,
            clock=self._clock,
        )

    def _judged(self, shell: ShellMetrics, verdict: Verdict) -> None:
        shell.judged(verdict)
        self.reporter.changed()

    def _assign(self, assignment: Assignment) -> None:
        self.runners.assign(entries(assignment.workloads))

    def _remember(self, proven: Collection[Entry]) -> None:
        try:
            self.store.save_proven(tuple(entry.raw for entry in proven))
        except StorageError as error:
            # They run all the same; only a reboot after a bad update would miss this.
            logger.warning("documents that work not remembered", extra={"reason": str(error)})

    def _forget(self, id: str) -> None:
        self.metrics.remove(workload=id)
        self.tidier.tidy()

    def _settle(self, running: Collection[Entry]) -> None:
        """Not before everything runs: until then, a refused update leaves an older version in use."""
        self._artifacts.keep_only(named(bytes(entry.raw) for entry in running))

    def _report(self) -> NodeReport:
        return NodeReport(
            node=self.name,
            boot_id=self.boot_id,
            sequence=0,
            observed_generation=self.intake.held,
            highest_generation=self.intake.highest,
            refused_generation=self.intake.refused,
            facts=self.facts,
            workloads=self._statuses(),
        )

    def _statuses(self) -> tuple[WorkloadStatus, ...]:
        statuses, untaken = self.runners.statuses(), self.intake.untaken
        return statuses if untaken is None else tuple(untaken.told(statuses))

    async def _build(self, entry: Entry, document: Workload, changed: Callable[[], None]) -> RunningWorkload:
        factory = await asyncio.to_thread(self._kinds[entry.kind].load)
        return factory(document, self._surroundings(entry.id, entry.kind, changed))

    def _surroundings(self, id: str, kind: str, changed: Callable[[], None]) -> Surroundings:
        return Surroundings(
            node=self.name,
            boot_id=self.boot_id,
            clock=self._clock,
            metrics=self.metrics,
            artifact=self._artifacts.path,
            spool_directory=self._spool / folder_name(id),
            changed=changed,
            streams=partial(self.control_plane.streams, self.name),
            common=self._common / kind,
            upload=partial(upload, self.control_plane),
            hand_in=self.control_plane.result,
            profiled=partial(self.control_plane.profiled, self.name),
            traces=self._traces,
            federating=Federating(
                signature=lambda content: self._signer().sign(content),
                own_cluster=partial(own, overrides=self._settings.clusters),
                policy_file=self._settings.federation_policy,
                report=partial(self.control_plane.federated, self.name),
            ),
        )
