"""The manifest that stands beside an example's artifacts, as a file a person can read."""

from pathlib import Path

import msgspec

from shared.documents.codec import decode, encode
from shared.documents.model import ModelManifest

FILE = "manifest.json"


def read(folder: Path) -> ModelManifest:
    """Raises FileNotFoundError when there is none, DocumentError when it is not a manifest."""
    return decode((folder / FILE).read_bytes(), ModelManifest)


def write(manifest: ModelManifest, folder: Path) -> None:
    (folder / FILE).write_bytes(msgspec.json.format(encode(manifest), indent=2) + b"\n")
