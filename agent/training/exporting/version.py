"""A version in the making: what becomes of one trained network, step by step."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from agent.training.events import Noticed
from agent.training.exporting import answers, chain, samples
from agent.training.exporting.artifacts import Artifacts
from agent.training.exporting.checking import differences
from agent.training.exporting.conversion import Conversion, outline, require_forms
from agent.training.exporting.events import Checked, Event
from agent.training.exporting.nearness import name, require_near
from agent.training.exporting.part import Trained
from agent.training.exporting.segment_check import SegmentCheck
from agent.training.exporting.task import ExportTask
from agent.training.fitting.scores import Score
from agent.training.opening import Run, threads
from agent.training.reading.rates import Part
from agent.training.reading.split import Split
from shared.documents import ExportForm, FeaturesEncoding, ModelManifest, Precision, SubModel, TierCut
from shared.errors import DocumentError

# What a deployment sends features as unless it says otherwise.
_ENCODING = FeaturesEncoding.U8
# There are many ways through segments, and one that is wrong is wrong about any record.
_OF_SEGMENTS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """`test`: how the network was judged, by exit."""

    run: Run
    order: ExportTask
    tiers: tuple[TierCut, ...]
    split: Split
    trained: Trained
    test: Mapping[str, Score]
    artifacts: Artifacts
    said: Callable[[Event], None]

    def converted(self) -> ModelManifest:
        """Every part in every form. Raises ModelError, DocumentError, StorageError."""
        asked = self.order.export
        require_forms(self.trained.forms, asked.forms)
        parts = self.trained.severed(self.tiers)
        sub_models = outline(self.tiers, parts, self.run.shelf.inputs.spec)
        # What no manifest may say is refused before the work begins.
        self._manifest(sub_models)
        conversion = Conversion(artifacts=self.artifacts, forms=asked.forms, batch=self._batch, said=self.said)
        representative = samples.drawn(
            self.run.shelf,
            self.split.rows[Part.TRAINING],
            asked.representative,
            seed=self.run.task.parameters.seed,
            purpose="representative",
        )
        return self._manifest(conversion.converted(sub_models, parts, representative))

    def check(self, manifest: ModelManifest) -> None:
        """Each form, tier by tier, as an agent would run it. Raises ModelError for one that is not near enough."""
        asked = self.order.export
        records = self._checked(asked.checked)
        if self._checked_part is not Part.VALIDATION:
            text = f"no record validates: the artifacts are checked on records of the {self._checked_part} part"
            self.said(Noticed(text=text))
        for form in asked.forms:
            with chain.opened(manifest.sub_models, form, self.artifacts.path, threads=threads(self.run)) as opened:
                found = differences(opened, self.trained, self.tiers, records, batch=self._batch)
            for tier, difference in found.items():
                require_near(difference, form, f"tier {tier!r}", asked)
            self.said(Checked(form=form, records=len(records), differences=dict(found)))

    def segment_check(self, last: str) -> SegmentCheck:
        """`last`: the network's last exit."""
        return SegmentCheck(
            trained=self.trained,
            last=last,
            records=self._checked(min(self.order.export.checked, _OF_SEGMENTS)),
            export=self.order.export,
            path=self.artifacts.path,
            threads=threads(self.run),
            batch=self._batch,
        )

    def write_answers(self, manifest: ModelManifest) -> Sequence[str]:
        """The names of the files: one for each part that has records. Raises ModelError, StorageError."""
        form = self._finest_form()
        with chain.opened(
            manifest.sub_models, form, self.artifacts.path, threads=threads(self.run), encoding=_ENCODING
        ) as opened:
            return list(self._written(opened))

    def _written(self, opened: chain.Chain) -> Iterator[str]:
        for part in (Part.VALIDATION, Part.TEST):
            rows = self.split.rows[part]
            if len(rows):
                file = f"{part}.npz"
                path = self.run.folder / file
                answers.write(path, opened, self.run.shelf, rows, task=self.run.task.task, batch=self._batch)
                yield file

    def _finest_form(self) -> ExportForm:
        forms = self.order.export.forms
        finest = next((one for one in forms if one.precision is Precision.FLOAT32), None)
        if finest is None:
            self.said(Noticed(text=f"no form is float32: validation.npz and test.npz are answers of {name(forms[0])}"))
        return finest or forms[0]

    def _checked(self, most: int) -> NDArray[Any]:
        rows = self.split.rows[self._checked_part]
        return samples.drawn(self.run.shelf, rows, most, seed=self.run.task.parameters.seed, purpose="checked")

    @property
    def _checked_part(self) -> Part:
        return next(
            (part for part in (Part.VALIDATION, Part.TEST) if len(self.split.rows[part])),
            Part.TRAINING,
        )

    def _manifest(self, sub_models: tuple[SubModel, ...]) -> ModelManifest:
        try:
            return ModelManifest(
                name=self.order.model,
                task=self.run.task.task,
                sub_models=sub_models,
                labels=self.order.labels,
                metrics=dict(self._metrics()),
            )
        except ValueError as error:
            raise DocumentError(str(error)) from error

    def _metrics(self) -> Iterator[tuple[str, float]]:
        """Of the test part, by tier; JSON knows only numbers that are finite."""
        for one in self.tiers:
            score = self.test.get(one.exit or "")
            if score is None:
                continue
            if math.isfinite(score.loss):
                yield f"loss_{one.tier}", score.loss
            if score.accuracy is not None:
                yield f"accuracy_{one.tier}", score.accuracy

    @property
    def _batch(self) -> int:
        return self.run.task.parameters.batch
