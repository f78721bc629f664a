"""What is sent after the last chunk: that all of it is there, and what it is. Without it, chunks count for nothing."""

from typing import Annotated

from msgspec import Meta, field

from shared.documents import decode, encode
from shared.documents.types import Bytes, Count, Message, Name, Sha256

SCHEMA = 1


class Content(Message, frozen=True, kw_only=True):
    """Of the chunks, laid end to end."""

    chunks: Count
    size_bytes: Bytes
    sha256: Sha256


class UpdateManifest(Message, frozen=True, kw_only=True):
    """An update of a participant. `number` rises with each; `base`: the round whose model it started from.

    `metrics`: those that the federation asks for, by name. `control`: the content ends with control variates.
    """

    schema: Annotated[int, Meta(ge=1)] = SCHEMA
    federation: Name
    edition: Count
    participant: Name
    number: Count
    base: Annotated[int, Meta(ge=0)]
    encoding: str
    records: Annotated[int, Meta(ge=0)]
    steps: Annotated[int, Meta(ge=0)]
    content: Content
    metrics: dict[str, float] = field(default_factory=dict)


class GlobalManifest(Message, frozen=True, kw_only=True):
    """The newest global model; under one key, so that compaction keeps it. Its chunks are keyed by its round."""

    schema: Annotated[int, Meta(ge=1)] = SCHEMA
    federation: Name
    edition: Count
    round: Annotated[int, Meta(ge=0)]
    content: Content
    metrics: dict[str, float] = field(default_factory=dict)

    @property
    def number(self) -> int:
        """Of its chunks."""
        return self.round


def update_manifest(raw: bytes) -> UpdateManifest:
    """Raises DocumentError."""
    return decode(raw, UpdateManifest)


def global_manifest(raw: bytes) -> GlobalManifest:
    """Raises DocumentError."""
    return decode(raw, GlobalManifest)


def to_bytes(manifest: UpdateManifest | GlobalManifest) -> bytes:
    return encode(manifest)
