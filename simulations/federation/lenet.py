"""LeNet-5's size, as Flower's niid_bench has it for Fashion-MNIST: 6 and 16 filters of 5x5, then 120 and 84. A network
file as `fogline networks put --framework torch` takes it; 44 thousand parameters, 0.3 million multiplications a record.

LeCun, Bottou, Bengio and Haffner, Gradient-Based Learning Applied to Document Recognition, 1998.
"""

import torch
from torch import Tensor, nn


class LeNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2)
        )
        self.cloud = nn.Sequential(
            nn.Flatten(),
            nn.Linear(256, 120),
            nn.ReLU(),
            nn.Linear(120, 84),
            nn.ReLU(),
            nn.Linear(84, 10),
            nn.Softmax(1),
        )

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        pixels = (images.float() / 255 - 0.2860) / 0.3530
        return {"cloud": self.cloud(self.features(pixels.permute(0, 3, 1, 2)))}


def network() -> tuple[nn.Module, Tensor]:
    return LeNet(), torch.zeros(2, 28, 28, 1, dtype=torch.uint8)
