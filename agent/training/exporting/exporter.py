"""The way from a trained network to the artifacts of a version: one folder, as many processes as it takes."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from agent.training import array_file, opening
from agent.training import results as training_results
from agent.training.exporting import results, task
from agent.training.exporting.artifacts import Artifacts
from agent.training.exporting.events import Done, Event, Phase, PhaseBegun
from agent.training.exporting.segments import SegmentExport, spans
from agent.training.exporting.task import ExportTask
from agent.training.exporting.tiers import settled
from agent.training.exporting.trained import trained
from agent.training.exporting.version import Version
from agent.training.opening import Run
from agent.training.results import Results
from shared.documents import digest
from shared.errors import ModelError


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporter:
    folder: Path
    said: Callable[[Event], None]

    def export(self) -> None:
        """To the end, or say that it was reached before.

        Raises ModelError for a network that cannot be exported, or an artifact that is not near enough, DocumentError
        for what was asked, BusyError while another process works there, StorageError, UnavailableError.
        """
        with opening.held(self.folder):
            order, run = task.read(self.folder), opening.opened(self.folder)
            done = training_results.found(self.folder, run.name)
            if done is None:
                raise ModelError(f"{self.folder} holds no trained network: `python -m agent.training` trains it")
            export = digest([run.name, done.files["weights.npz"], order])
            was_done = results.found(self.folder, export) is not None
            if not was_done:
                self._export(run, order, done, export)
            self.said(Done(was_done=was_done))

    def _export(self, run: Run, order: ExportTask, done: Results, export: str) -> None:
        # 1. The network with its trained weights, and who runs what of it.
        self.said(PhaseBegun(phase=Phase.LOADING))
        network, description = opening.loaded(run)
        tiers = settled(order.export, description)
        # What the bytes of an artifact depend on: with another tolerance they are the same.
        alike = digest([run.name, done.files["weights.npz"], tiers, order.export.representative])
        version = Version(
            run=run,
            order=order,
            tiers=tiers,
            split=opening.divided(run, description),
            trained=trained(network, array_file.read(self.folder / "weights.npz")),
            test=done.test,
            artifacts=Artifacts(self.folder, alike),
            said=self.said,
        )
        # What cannot be is refused before the work begins.
        spans(order.export.profiled, description)
        # 2. Every part in every form.
        self.said(PhaseBegun(phase=Phase.CONVERTING))
        manifest = version.converted()
        # 3. Held against the network.
        self.said(PhaseBegun(phase=Phase.CHECKING))
        version.check(manifest)
        # 4. How sure the deployed exits are.
        self.said(PhaseBegun(phase=Phase.ANSWERING))
        answers = version.write_answers(manifest)
        # 5. What nodes may time, and everything is left behind.
        self.said(PhaseBegun(phase=Phase.SEGMENTING))
        segments = SegmentExport(
            folder=self.folder,
            trained=version.trained,
            network=description,
            tiers=tiers,
            input=run.shelf.inputs.spec,
            check=version.segment_check(description.exits[-1].name),
        )
        results.write(self.folder, export, manifest, (*answers, *segments.written(order.export.profiled)))
