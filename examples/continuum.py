"""Artifacts run tier after tier in one process, with the bytes between them that an agent would send."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

from shared.documents.deployment import FeaturesEncoding
from shared.documents.model import ModelManifest, Precision, SubModel
from shared.documents.types import TensorSpec
from shared.record.tensor import decode_batch, encode_batch

Tensor = npt.NDArray[np.generic]
Probabilities = npt.NDArray[np.float32]

BATCH = 250


def answer(manifest: ModelManifest, folder: Path, records: Tensor, *, precision: Precision) -> dict[str, Probabilities]:
    """The exit of every tier for every record, as (n, classes): what each would say if all records came that far."""
    exits = {}
    for sub_model in manifest.sub_models:
        outputs = infer(load(sub_model, folder, precision=precision), records)
        exits[sub_model.tier] = outputs["exit"]
        if sub_model.features:
            records = over_the_wire(outputs["features"], sub_model.features)
    return exits


def load(sub_model: SubModel, folder: Path, *, precision: Precision) -> Interpreter:
    file = next(artifact.file for artifact in sub_model.artifacts if artifact.precision is precision)
    return Interpreter(model_path=str(folder / file), num_threads=1)


def infer(interpreter: Interpreter, records: Tensor) -> dict[str, Probabilities]:
    run = interpreter.get_signature_runner()
    batches = [run(input=records[start : start + BATCH]) for start in range(0, len(records), BATCH)]
    return {name: np.concatenate([batch[name] for batch in batches]) for name in batches[0]}


def over_the_wire(features: Tensor, spec: TensorSpec) -> Tensor:
    """Through the default encoding of a deployment, eight bits an element."""
    return decode_batch(*encode_batch(features, FeaturesEncoding.U8), spec).batch
