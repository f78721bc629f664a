"""The edge of a `.keras` file as an exported PyTorch program: `make_torch FROM TO`. Weights are read, not the graph."""

import io
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn


class Edge(nn.Module):
    """As `make.edge`, its tensors with the channels last like the other formats'."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 32, 3, padding=1)
        self.second = nn.Conv2d(32, 64, 3, padding=1)
        self.narrow = nn.Conv2d(64, 8, 1)
        self.dense = nn.Linear(512, 48)
        self.logits = nn.Linear(48, 10)

    def forward(self, pixels: Tensor) -> dict[str, Tensor]:
        hidden = pixels.to(torch.float32).permute(0, 3, 1, 2) / 255
        for layer in (self.first, self.second):
            hidden = torch.max_pool2d(torch.relu(layer(hidden)), 2)
        features = torch.relu(self.narrow(hidden)).permute(0, 2, 3, 1)
        sure = self.logits(torch.relu(self.dense(features.flatten(1))))
        return {"exit": torch.softmax(sure, 1), "features": features.contiguous()}


def weights(path: Path) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Kernel and bias of each layer that has some, in the order of the network."""
    with zipfile.ZipFile(path) as archive, h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as file:
        for name in ("conv2d", "conv2d_1", "conv2d_2", "dense", "dense_1"):
            variables = file[f"layers/{name}/vars"]
            yield np.asarray(variables["0"]), np.asarray(variables["1"])


def main(source: Path, target: Path) -> None:
    edge = Edge()
    for layer, (kernel, bias) in zip(edge.children(), weights(source), strict=True):
        turned = kernel.transpose(3, 2, 0, 1) if kernel.ndim == 4 else kernel.T
        layer.weight.data = torch.from_numpy(np.ascontiguousarray(turned))
        layer.bias.data = torch.from_numpy(bias)
    batch = torch.export.Dim("batch", min=1, max=4096)
    pixels = torch.zeros(2, 32, 32, 3, dtype=torch.uint8)
    torch.export.save(torch.export.export(edge.eval(), (pixels,), dynamic_shapes=({0: batch},)), target)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
