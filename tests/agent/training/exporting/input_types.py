"""One network of Keras made to take records of every type, in two formats: how far each answers from it. JSON."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from agent.training.exporting import chain
from agent.training.exporting.artifacts import Artifacts
from agent.training.exporting.conversion import Conversion, outline
from agent.training.exporting.keras_trained import KerasTrained
from agent.training.exporting.nearness import difference
from agent.training.networks.keras_library import libraries
from agent.training.networks.keras_network import KerasNetwork, prepare
from shared.documents import ArtifactFormat, DType, ExportForm, TensorSpec, TierCut, encode

TIERS = (TierCut(tier="all", exit="answer"),)
FORMS = (ExportForm(), ExportForm(format=ArtifactFormat.KERAS))


def differences(trained: KerasTrained, dtype: DType) -> Iterator[float]:
    records = np.random.default_rng(2).integers(0, 2 if dtype is DType.BOOL else 90, (9, 6)).astype(dtype.value)
    parts = trained.severed(TIERS)
    sub_models = outline(TIERS, parts, TensorSpec(dtype=dtype, shape=(6,)))
    with tempfile.TemporaryDirectory() as folder:
        artifacts = Artifacts(Path(folder), "")
        conversion = Conversion(artifacts=artifacts, forms=FORMS, batch=9, said=lambda event: None)
        sub_models = conversion.converted(sub_models, parts, records)
        for form in FORMS:
            with chain.opened(sub_models, form, artifacts.path, threads=1) as opened:
                yield difference(opened.answers(records)["all"], trained.answers(records)["answer"])


if __name__ == "__main__":
    prepare(1, 1)
    _, keras = libraries()
    record = keras.Input((6,))
    answer = keras.layers.Dense(3, activation="softmax")(keras.layers.Rescaling(1 / 90)(record))
    network = KerasTrained(KerasNetwork(keras.Model(record, {"answer": answer})))
    found = encode({name: list(differences(network, DType(name))) for name in sys.argv[1:]})
    sys.stdout.buffer.write(b"\n" + found)
