"""The network every backend is tested with, in plain numpy: the numbers all of them must give.

A 6x6 grey image, one 3x3 convolution of two filters with ReLU (the features), and a softmax over three classes (the
exit). The weights are sines, so they are the same on every machine and numpy.
"""

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from shared.documents import Artifact, ArtifactFormat, DType, SubModel, TensorSpec

Floats = NDArray[Any]

INPUT = TensorSpec(dtype=DType.FLOAT32, shape=(6, 6, 1))
PIXELS = TensorSpec(dtype=DType.UINT8, shape=(6, 6, 1))
FEATURES = TensorSpec(dtype=DType.FLOAT32, shape=(4, 4, 2))
EXIT = TensorSpec(dtype=DType.FLOAT32, shape=(3,))


def wave(*shape: int, phase: float) -> Floats:
    count = int(np.prod(shape))
    sines: Floats = np.sin(np.arange(count, dtype=np.float64) * 1.7 + phase)
    return sines.reshape(shape).astype(np.float32)


KERNEL = wave(3, 3, 1, 2, phase=0.3)
KERNEL_BIAS = wave(2, phase=1.1)
WEIGHTS = wave(32, 3, phase=2.2) * np.float32(0.25)
BIAS = wave(3, phase=0.7)


def batch(count: int) -> Floats:
    """Images of 0 to 1, shape `[count, 6, 6, 1]`, a different one in each place."""
    images: Floats = (wave(count, 6, 6, 1, phase=0.1) + 1) / 2
    return images


def features(images: Floats) -> Floats:
    windows = sliding_window_view(images[..., 0], (3, 3), axis=(1, 2))
    summed = np.einsum("nhwij,ijc->nhwc", windows, KERNEL[:, :, 0]) + KERNEL_BIAS
    clipped: Floats = np.maximum(summed, 0)
    return clipped.astype(np.float32)


def exit(images: Floats) -> Floats:
    logits = features(images).reshape(len(images), -1) @ WEIGHTS + BIAS
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Floats = powers / powers.sum(axis=1, keepdims=True)
    return shares.astype(np.float32)


def sub_model(
    artifact_format: ArtifactFormat,
    *,
    input: TensorSpec = INPUT,
    features: TensorSpec | None = FEATURES,
    exit: TensorSpec | None = EXIT,
) -> SubModel:
    artifact = Artifact(sha256="0" * 64, size_bytes=0, format=artifact_format)
    return SubModel(tier="edge", input=input, features=features, exit=exit, artifacts=(artifact,))
