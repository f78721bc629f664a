"""What training costs where no stream is: Keras' own `fit` on arrays in memory. Prints its seconds.

    python -m simulations.bench.bare.fit RECORDS VALIDATION EPOCHS BATCH LEARNING_RATE

The network, its exits' weights and its optimiser are those of the run from the stream. The first step's compilation
counts on both sides, loading the libraries on neither.
"""

import sys
import time
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from agent.training.fitting.importance import exit_importance
from agent.training.networks.keras_library import libraries
from shared.documents import TrainingParameters
from simulations.bench.clothes import clothes, source


def main(records: int, validation: int, epochs: int, batch: int, learning_rate: float) -> None:
    _, keras = libraries()
    images, labels = clothes(records)
    exits = ("edge", "fog", "cloud")
    weights = exit_importance(TrainingParameters(), len(exits)).tolist()
    model = _network()
    model.compile(
        optimizer=keras.optimizers.AdamW(learning_rate, weight_decay=0.0),
        loss=dict.fromkeys(exits, "sparse_categorical_crossentropy"),
        loss_weights=dict(zip(exits, weights, strict=True)),
        metrics={name: ["accuracy"] for name in exits},
    )
    truth = dict.fromkeys(exits, labels[validation:])
    checked = images[:validation], dict.fromkeys(exits, labels[:validation])
    began = time.monotonic()
    model.fit(images[validation:], truth, batch, epochs, verbose=0, validation_data=checked)
    print(time.monotonic() - began)


def _network() -> Any:  # noqa: ANN401 - Keras has no types
    with TemporaryDirectory(prefix="fogline-bench-") as folder:
        (Path(folder) / "clothes_network.py").write_text(source())
        sys.path.insert(0, folder)
        return import_module("clothes_network").network()


if __name__ == "__main__":
    records, validation, epochs, batch = map(int, sys.argv[1:5])
    main(records, validation, epochs, batch, float(sys.argv[5]))
