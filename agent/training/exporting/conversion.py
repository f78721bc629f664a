"""Every part of a network in every form that was asked for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from agent.training.exporting.artifacts import Artifacts
from agent.training.exporting.events import Converted, Event
from agent.training.exporting.nearness import name
from agent.training.exporting.part import Part
from shared.documents import Artifact, ExportForm, SubModel, TensorSpec, TierCut
from shared.errors import DocumentError


def require_forms(known: Sequence[ExportForm], forms: Sequence[ExportForm]) -> None:
    """`known`: what can be made of the network. Raises DocumentError for another one."""
    for number, form in enumerate(forms):
        if form not in known:
            raise DocumentError(
                f"this network cannot be exported as {name(form)}: choose among {', '.join(map(name, known))}",
                field=f"export.forms[{number}]",
            )


def outline(tiers: Sequence[TierCut], parts: Sequence[Part], input: TensorSpec) -> tuple[SubModel, ...]:
    """The sub-models, still without artifacts. `input`: a record as the stream has it."""
    sub_models = []
    for one, part in zip(tiers, parts, strict=True):
        sub_models.append(SubModel(tier=one.tier, input=input, features=part.features, exit=part.exit, artifacts=()))
        input = part.features or input
    return tuple(sub_models)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """`batch`: as many records at once as the network was trained on."""

    artifacts: Artifacts
    forms: Sequence[ExportForm]
    batch: int
    said: Callable[[Event], None]

    def converted(
        self, sub_models: Sequence[SubModel], parts: Sequence[Part], representative: NDArray[Any]
    ) -> tuple[SubModel, ...]:
        """With their artifacts. `representative` `[n, ...]`: records of the stream. Raises ModelError, StorageError."""
        whole = []
        for one, part in zip(sub_models, parts, strict=True):
            artifacts = tuple(self._artifact(one, part, form, representative) for form in self.forms)
            whole.append(msgspec.structs.replace(one, artifacts=artifacts))
            if one.features is not None:
                representative = self._features(part, representative)
        return tuple(whole)

    def _artifact(self, sub_model: SubModel, part: Part, form: ExportForm, representative: NDArray[Any]) -> Artifact:
        found = self.artifacts.found(sub_model.tier, form)
        artifact = found or self.artifacts.made(
            sub_model.tier, form, lambda: part.exported(form, input=sub_model.input, representative=representative)
        )
        self.said(
            Converted(
                tier=sub_model.tier,
                form=form,
                sha256=artifact.sha256,
                size_bytes=artifact.size_bytes,
                was_made=found is not None,
            )
        )
        return artifact

    def _features(self, part: Part, records: NDArray[Any]) -> NDArray[Any]:
        batches = [part.run(records[start : start + self.batch]) for start in range(0, len(records), self.batch)]
        return np.concatenate([batch.features for batch in batches if batch.features is not None])
