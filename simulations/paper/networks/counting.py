"""How large sub-models are and how much they compute, for the manifests' metrics."""

from collections.abc import Iterator, Mapping
from math import prod

import keras


def metrics(parts: Mapping[str, keras.Model]) -> dict[str, float]:
    """Of each tier's sub-model: its `parameters_<tier>`, and its `multiplications_<tier>` for one record."""
    found: dict[str, float] = {}
    for tier, part in parts.items():
        found[f"parameters_{tier}"] = part.count_params()
        found[f"multiplications_{tier}"] = sum(map(multiplications, layers(part)))
    return found


def layers(part: keras.Model) -> Iterator[keras.layers.Layer]:
    """Also those of the models inside."""
    for layer in part.layers:
        if isinstance(layer, keras.Model):
            yield from layers(layer)
        else:
            yield layer


def multiplications(layer: keras.layers.Layer) -> int:
    """Of a convolution or a dense layer, as a plain loop would do them; other layers hardly count."""
    match layer:
        case keras.layers.Conv2D():
            _, height, width, _ = layer.output.shape
            return int(height * width * prod(layer.kernel.shape))
        case keras.layers.Dense():
            return int(prod(layer.kernel.shape))
        case _:
            return 0
