"""A `.keras` file as data: every class its configuration names is looked up in a list before Keras is even imported.

Keras's own safe mode refuses what is known to be dangerous. Here it is the other way round: only layers and operations
that compute are known, and anything else is refused, so a way of running code that a future Keras adds is not open.
Left out on purpose: `Lambda` and wrappers of foreign functions and saved programs, layers that read files of words,
control flow that takes Python functions, and everything used only in training.
"""

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

from agent.backends import archive
from shared.errors import ModelError

Json = Any
_CONFIG, _WEIGHTS, _METADATA = "config.json", "model.weights.h5", "metadata.json"
_NAME = re.compile(r"[A-Z][A-Za-z0-9]*")

_LAYER_NAMES = """
Activation Add AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D AdaptiveMaxPooling1D
AdaptiveMaxPooling2D AdaptiveMaxPooling3D AdditiveAttention AlphaDropout Attention Average AveragePooling1D
AveragePooling2D AveragePooling3D BatchNormalization Bidirectional Concatenate Conv1D Conv1DTranspose Conv2D
Conv2DTranspose Conv3D Conv3DTranspose ConvLSTM1D ConvLSTM2D ConvLSTM3D Cropping1D Cropping2D Cropping3D Dense
DepthwiseConv1D DepthwiseConv2D Dot Dropout ELU EinsumDense Embedding Flatten GRU GRUCell GaussianDropout
GaussianNoise GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D GlobalMaxPooling1D
GlobalMaxPooling2D GlobalMaxPooling3D GroupNormalization GroupQueryAttention Identity InputLayer LSTM LSTMCell
LayerNormalization LeakyReLU Masking MaxPooling1D MaxPooling2D MaxPooling3D Maximum Minimum MultiHeadAttention
Multiply Normalization PReLU Permute RMSNormalization RNN ReLU RepeatVector Rescaling Reshape Resizing SeparableConv1D
SeparableConv2D SimpleRNN SimpleRNNCell Softmax SpatialDropout1D SpatialDropout2D SpatialDropout3D StackedRNNCells
Subtract TimeDistributed UnitNormalization UpSampling1D UpSampling2D UpSampling3D ZeroPadding1D ZeroPadding2D
ZeroPadding3D
"""
_LAYERS = frozenset(_LAYER_NAMES.split())
_MODELS = frozenset({"Functional", "Sequential", "Model"})
_POLICIES = frozenset({"DTypePolicy"})
_OPERATIONS = frozenset({"keras.src.ops.nn", "keras.src.ops.numpy", "keras.src.ops.math", "keras.src.ops.image"})
_SETTINGS = frozenset({"keras.initializers", "keras.regularizers", "keras.constraints"})
_FUNCTIONS = frozenset({"builtins", "keras.activations"})
_VALUES = frozenset({"__keras_tensor__", "__numpy__", "__tensor__", "__slice__", "__ellipsis__"})


def checked(path: Path) -> bytes:
    """The same archive with nothing in it but a checked configuration and the weights. Raises ModelError."""
    with archive.opened(path) as opened:
        names = set(opened.namelist())
        if {_CONFIG, _WEIGHTS} - names:
            raise ModelError(f"{path} is no .keras file: it has no {_CONFIG} or no {_WEIGHTS}")
        if others := names - {_CONFIG, _WEIGHTS, _METADATA}:
            raise ModelError(f"the .keras file carries {sorted(others)[0]!r} beside its weights: refused")
        config, weights = _checked_config(opened.read(_CONFIG)), opened.read(_WEIGHTS)
    rebuilt = io.BytesIO()
    with zipfile.ZipFile(rebuilt, "w") as clean:
        clean.writestr(_CONFIG, config)
        clean.writestr(_METADATA, "{}")
        clean.writestr(_WEIGHTS, weights)
    return rebuilt.getvalue()


def _checked_config(raw: bytes) -> bytes:
    try:
        config = json.loads(raw)
        _walk(config)
    except (ValueError, RecursionError) as error:
        raise ModelError(f"the .keras file's configuration cannot be read: {error}") from error
    return json.dumps(config).encode()


def _walk(node: Json) -> None:
    """Refuse unknown classes; drop how the model was trained, which names optimizers and losses."""
    if isinstance(node, dict):
        node.pop("compile_config", None)
        if "class_name" in node or "spec_name" in node:
            _check_class(node)
        for value in node.values():
            _walk(value)
    elif isinstance(node, list):
        for value in node:
            _walk(value)


def _check_class(node: dict[str, Any]) -> None:
    module, name, registered = node.get("module"), node.get("class_name"), node.get("registered_name")
    if not isinstance(name, str) or not (module is None or isinstance(module, str)):
        raise ModelError("the .keras file names a class by something that is no name: refused")
    if not _is_known(module, name) or registered not in (None, name):
        known_as = f"{module}.{name}" if module else name
        raise ModelError(
            f"the .keras file needs {known_as[:200]!r}, which is not among the layers a sub-model may have"
        )


def _is_known(module: str | None, name: str) -> bool:
    if module is None:
        return name in _VALUES
    if name == "function":
        return module in _FUNCTIONS
    if module in _OPERATIONS or module in _SETTINGS:
        return _NAME.fullmatch(name) is not None
    return (module == "keras.layers" and name in _LAYERS) or (
        module in ("keras", "keras.models", "keras.src.models.functional", "keras.src.models.sequential")
        and name in _MODELS | _POLICIES
    )
