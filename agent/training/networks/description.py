"""What there is to know of a network, for those that never load it."""

from enum import StrEnum
from typing import Protocol

from shared.documents.types import Message, TensorSpec


class Framework(StrEnum):
    KERAS = "keras"
    TORCH = "torch"


class ExitOutput(Message, frozen=True, kw_only=True):
    """`cut`: the layer that its head reads; null for the last exit, which is the whole network's answer."""

    name: str
    output: TensorSpec
    cut: str | None


class LayerOutput(Message, frozen=True, kw_only=True):
    """`output`: its shape without the batch, null where it is not known beforehand. `kind`: the framework's word."""

    name: str
    kind: str
    parameters: int
    output: tuple[int, ...] | None


class PossibleCut(Message, frozen=True, kw_only=True):
    """`features_bytes`: one record's, as they are, unencoded. `exit`: the exit that can answer here."""

    name: str
    features: TensorSpec
    features_bytes: int
    exit: str | None


class Description(Message, frozen=True, kw_only=True):
    """`exits`, `layers` and `cuts` from the sensor up. A layer that is used twice stands here twice, its parameters
    with the first; a cut whose features have no fixed shape, or a type that no record has, is none."""

    framework: Framework
    input: TensorSpec
    exits: tuple[ExitOutput, ...]
    layers: tuple[LayerOutput, ...]
    cuts: tuple[PossibleCut, ...]
    parameters: int


class Network(Protocol):
    """A user's network in its framework: what the rest of training asks of it."""

    @property
    def exits(self) -> tuple[str, ...]:
        """From the sensor up; the last one is the whole network's answer."""
        ...

    def described(self) -> Description: ...
