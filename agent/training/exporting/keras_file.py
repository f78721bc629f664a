"""A Keras model as a `.keras` file: no date, no address in memory, so that equal models are equal bytes."""

import io
import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from agent.training.networks.keras_library import libraries, model_errors
from shared.documents import DType, TensorSpec

Model = Any
Json = Any
_CONFIG, _WEIGHTS, _METADATA = "config.json", "model.weights.h5", "metadata.json"
_DATE = (1980, 1, 1, 0, 0, 0)
# The agent feeds these to a model of floats as they come.
_WIDENED = frozenset({DType.UINT8, DType.INT8, DType.INT16, DType.BOOL})
_SHARED = "shared_object_id"


def written(model: Model, *, input: TensorSpec) -> bytes:
    """Raises ModelError."""
    with model_errors(f"writing tier {model.name!r} as .keras"), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        _taking(model, input).save(path)
        with zipfile.ZipFile(path) as archive:
            config, weights = json.loads(archive.read(_CONFIG)), archive.read(_WEIGHTS)
    _renumber(config, {})
    return _zipped({_CONFIG: json.dumps(config).encode(), _METADATA: b"{}", _WEIGHTS: weights})


def _taking(model: Model, input: TensorSpec) -> Model:
    """With an input of the record's own type where the agent would not widen it."""
    _, keras = libraries()
    taken = str(model.inputs[0].dtype)
    if input.dtype == taken or (input.dtype in _WIDENED and taken == DType.FLOAT32):
        return model
    record = keras.Input(input.shape, dtype=input.dtype.value, name="input")
    # A layer that does nothing but cast.
    return keras.Model(record, model(keras.layers.Rescaling(1.0, dtype=taken, name="cast")(record)), name=model.name)


def _renumber(node: Json, numbers: dict[int, int]) -> None:
    """What is shared is known by its address: from now on by its number in order."""
    if isinstance(node, dict):
        if _SHARED in node:
            node[_SHARED] = numbers.setdefault(node[_SHARED], len(numbers) + 1)
        for value in node.values():
            _renumber(value, numbers)
    elif isinstance(node, list):
        for value in node:
            _renumber(value, numbers)


def _zipped(entries: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, content in entries.items():
            archive.writestr(zipfile.ZipInfo(name, _DATE), content)
    return written.getvalue()
