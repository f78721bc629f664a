"""What there is to know of a network, for those that never load it."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from shared.documents.types import ApiVersion, Bytes, Document, Message, Name, Sha256, TensorSpec


class Framework(StrEnum):
    KERAS = "keras"
    TORCH = "torch"


class ExitOutput(Message, frozen=True, kw_only=True):
    """`cut`: the layer that its head reads; null for the last exit, which is the whole network's answer."""

    name: str
    output: TensorSpec
    cut: str | None


class LayerOutput(Message, frozen=True, kw_only=True):
    """`output`: its shape without the batch, null where it is not known beforehand. `kind`: the framework's word.

    `operations`: multiplications, each with its addition, of one record; null where this kind of layer is not known.
    """

    name: str
    kind: str
    parameters: int
    output: tuple[int, ...] | None
    operations: int | None = None


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


class SourceFile(Document, frozen=True, kw_only=True):
    """One file of Python with a function `network()`. `tier` is for the parts of a chain; `file` for people."""

    sha256: Sha256
    size_bytes: Bytes
    tier: Name | None = None
    file: str = ""


class NetworkSource(Document, frozen=True, kw_only=True):
    """What is to be trained: one file with the whole network, or a chain of files, the sensor's tier first.

    In a chain each file but the last gives `features`, which the next one takes.
    """

    api_version: ApiVersion = "fogline/v1"
    name: Name
    framework: Framework = Framework.KERAS
    files: Annotated[tuple[SourceFile, ...], Meta(min_length=1, max_length=16)]
    description: str = ""

    def __post_init__(self) -> None:
        tiers = [one.tier for one in self.files]
        if len(tiers) > 1 and None in tiers:
            raise ValueError("every file of a chain needs its `tier`")
        if len(set(tiers)) != len(tiers):
            raise ValueError("`files` name a tier twice")
