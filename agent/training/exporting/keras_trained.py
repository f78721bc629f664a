"""A trained Keras network, severed into models with one input called `input`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.backends.protocol import Outputs
from agent.training.exporting import keras_file, tflite
from agent.training.exporting.part import Part
from agent.training.fitting.learner import Arrays
from agent.training.networks.keras_library import libraries, model_errors
from agent.training.networks.keras_network import KerasNetwork, Model, Tensor, spec_of
from agent.training.networks.keras_replay import replayed
from shared.documents import ArtifactFormat, ExportForm, Precision, TensorSpec
from shared.documents.training import TierCut
from shared.errors import ModelError


@dataclass(frozen=True, slots=True, kw_only=True)
class KerasPart:
    model: Model
    features: TensorSpec | None
    exit: TensorSpec | None

    def run(self, batch: NDArray[Any]) -> Outputs:
        tensorflow, _ = libraries()
        with model_errors("an answer of the network"):
            outputs = self.model(tensorflow.cast(batch, self.model.inputs[0].dtype), training=False)
        found = {name: np.array(output) for name, output in outputs.items()}
        return Outputs(exit=found.get("exit"), features=found.get("features"))

    def exported(self, form: ExportForm, *, input: TensorSpec, representative: NDArray[Any]) -> bytes:
        if form.format is ArtifactFormat.KERAS:
            return keras_file.written(self.model, input=input)
        return tflite.converted(self.model, form.precision, input=input, representative=representative)


class KerasTrained:
    forms = (
        *(ExportForm(format=ArtifactFormat.TFLITE, precision=precision) for precision in Precision),
        ExportForm(format=ArtifactFormat.KERAS),
    )

    def __init__(self, network: KerasNetwork) -> None:
        self._network = network

    def answers(self, inputs: NDArray[Any]) -> Arrays:
        tensorflow, _ = libraries()
        model = self._network.model
        with model_errors("an answer of the network"):
            results = model(tensorflow.cast(inputs, model.inputs[0].dtype), training=False)
        ordered = self._network.ordered(results)
        return {name: np.array(one) for name, one in zip(self._network.exits, ordered, strict=True)}

    def severed(self, tiers: Sequence[TierCut]) -> tuple[Part, ...]:
        parts = []
        below = self._network.model.inputs[0]
        for one in tiers:
            parts.append(self._part(one, below))
            below = below if one.cut is None else self._network.tensors[one.cut]
        return tuple(parts)

    def _part(self, tier: TierCut, below: Tensor) -> KerasPart:
        _, keras = libraries()
        wanted = self._wanted(tier)
        with model_errors(f"severing tier {tier.tier!r}"):
            input = keras.Input(below.shape[1:], dtype=below.dtype, name="input")
            try:
                outputs = replayed(wanted, at=below, by=input)
            except ValueError as error:
                if tier.exit is None:
                    raise
                raise ModelError(
                    f"tier {tier.tier!r} cannot answer at exit {tier.exit!r}, whose head begins in a tier below: "
                    "give that exit to the tier it begins in"
                ) from error
            model = keras.Model(input, outputs, name=tier.tier)
        return KerasPart(
            model=model,
            features=spec_of(outputs["features"], "features") if "features" in outputs else None,
            exit=spec_of(outputs["exit"], "the exit") if "exit" in outputs else None,
        )

    def _wanted(self, tier: TierCut) -> dict[str, Tensor]:
        wanted: dict[str, Tensor] = {}
        if tier.cut is not None:
            wanted["features"] = self._network.tensors[tier.cut]
        if tier.exit is not None:
            wanted["exit"] = self._network.answers[tier.exit]
        if tier.cut is not None and tier.exit is not None:
            self._require_below(tier.tier, tier.cut, tier.exit)
        return wanted

    def _require_below(self, tier: str, cut: str, exit: str) -> None:
        """Else the tier would compute what lies above its cut, only to throw it away."""
        order = [one.name for one in self._network.described().cuts]
        above = order[order.index(cut) + 1 :]
        needed = self._network.needed(exit)
        if too_high := [name for name in above if name in needed]:
            raise ModelError(
                f"tier {tier!r} is cut after {cut!r} and cannot answer at exit {exit!r}, whose head needs "
                f"{too_high[-1]!r} above it: cut higher, or give that exit to an upper tier"
            )
