"""The tiny network as exported PyTorch programs, made in a process of its own: `torch.export` brings a second LLVM with
it, and a process that has TensorFlow's already is ended by it. The backend itself never imports that part of PyTorch.
"""

import sys
from pathlib import Path

import torch

from tests.agent.backends import tiny


class Both(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.convolution = torch.nn.Conv2d(1, 2, 3)
        self.dense = torch.nn.Linear(32, 3)
        with torch.no_grad():
            self.convolution.weight.copy_(torch.from_numpy(tiny.KERNEL.transpose(3, 2, 0, 1).copy()))
            self.convolution.bias.copy_(torch.from_numpy(tiny.KERNEL_BIAS))  # type: ignore[union-attr]
            self.dense.weight.copy_(torch.from_numpy(tiny.WEIGHTS.T.copy()))
            self.dense.bias.copy_(torch.from_numpy(tiny.BIAS))

    def forward(self, images: torch.Tensor) -> dict[str, torch.Tensor]:
        features = torch.relu(self.convolution(images.permute(0, 3, 1, 2))).permute(0, 2, 3, 1)
        logits = self.dense(features.reshape(images.shape[0], 32))
        return {"exit": torch.softmax(logits, dim=1), "features": features}


class ExitOnly(Both):
    def forward(self, images: torch.Tensor) -> torch.Tensor:  # type: ignore[override]
        return super().forward(images)["exit"]


def save(network: torch.nn.Module, path: Path, *, batch: int | None = None) -> Path:
    """`batch` None leaves the size of a batch open."""
    sample = torch.from_numpy(tiny.batch(batch or 2))
    dynamic = None if batch else ({0: torch.export.Dim("records", min=1, max=4096)},)
    torch.export.save(torch.export.export(network.eval(), (sample,), dynamic_shapes=dynamic), path)
    return path


def make(folder: Path) -> None:
    save(Both(), folder / "both.pt2")
    save(ExitOnly(), folder / "exit_only.pt2")
    save(Both(), folder / "one_by_one.pt2", batch=1)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
