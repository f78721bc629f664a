"""Clothes of Fashion-MNIST by PyTorch: three exits, as small at the edge as a sensor's box can be, deeper above.

`fogline` trains it from the stream that the Keras example is trained from. What is cut, and where the exits hang, are
the modules' own names: `edge_features` and `fog_features`.
"""

import torch
from torch import nn

CLASSES = 10


def conv(given: int, made: int, *, size: int = 3, stride: int = 1) -> nn.Sequential:
    layer = nn.Conv2d(given, made, size, stride, padding=size // 2, bias=False)
    return nn.Sequential(layer, nn.BatchNorm2d(made), nn.ReLU(inplace=True))


def narrow(given: int, made: int) -> nn.Sequential:
    """What a tier sends up. Its range is known before any record has been seen, so it travels well as bytes."""
    return nn.Sequential(nn.Conv2d(given, made, 1), nn.ReLU6())


def head(given: int, *, dropout: float = 0.0) -> nn.Sequential:
    answer = nn.Linear(given, CLASSES)
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(dropout), answer, nn.Softmax(dim=1))


class Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(conv(channels, channels), nn.Conv2d(channels, channels, 3, padding=1, bias=False))
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(x + self.norm(self.body(x)))


class Clothes(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.edge = nn.Sequential(conv(1, 16), nn.MaxPool2d(2), conv(16, 32), nn.MaxPool2d(2))
        self.edge_features = narrow(32, 4)
        self.edge_head = nn.Sequential(conv(4, 32), head(32))
        self.fog = nn.Sequential(conv(4, 64), Residual(64))
        self.fog_features = narrow(64, 8)
        self.fog_head = nn.Sequential(conv(8, 64), head(64))
        self.cloud = nn.Sequential(conv(8, 64), Residual(64), conv(64, 128, stride=2), Residual(128))
        self.cloud_head = head(128, dropout=0.3)

    def forward(self, images: torch.Tensor) -> dict[str, torch.Tensor]:
        pixels = images.permute(0, 3, 1, 2) / 255
        edge = self.edge_features(self.edge(pixels))
        fog = self.fog_features(self.fog(edge))
        return {"edge": self.edge_head(edge), "fog": self.fog_head(fog), "cloud": self.cloud_head(self.cloud(fog))}


def network() -> tuple[nn.Module, torch.Tensor]:
    return Clothes(), torch.zeros(1, 28, 28, 1)
