"""What an export leaves behind, and that it is all there.

<folder>/artifacts/<sha256>                the artifacts
<folder>/manifest.json                     ModelManifest
<folder>/validation.npz, test.npz          the answers of each exit of the deployed chain, for `fogline models exits`
<folder>/segments.json, segment-*          what can be timed (segments.py), where that was asked for
<folder>/exported                          Exported, behind its checksum: written last
"""

from collections.abc import Iterable
from hashlib import file_digest
from pathlib import Path

from agent import checked_file
from shared.documents import ModelManifest, decode, encode
from shared.documents.types import Message, Sha256
from shared.errors import DocumentError
from shared.storage import replace_file, storage_errors

MANIFEST = "manifest.json"
_EXPORTED = "exported"


class Exported(Message, frozen=True, kw_only=True):
    """`export`: names the trained network and what was asked for; `files`: SHA-256 by path within the folder."""

    export: str
    files: dict[str, Sha256]


def write(folder: Path, export: str, manifest: ModelManifest, answers: Iterable[str]) -> Exported:
    """The artifacts and `answers` are written already. Raises StorageError."""
    replace_file(folder / MANIFEST, encode(manifest))
    artifacts = [one.file for sub_model in manifest.sub_models for one in sub_model.artifacts]
    exported = Exported(
        export=export, files={name: _digest(folder / name) for name in (*artifacts, *answers, MANIFEST)}
    )
    checked_file.write(folder / _EXPORTED, encode(exported))
    return exported


def found(folder: Path, export: str) -> Exported | None:
    """What an earlier process has finished; None where it was something else, or any of it is missing or damaged.

    Raises StorageError.
    """
    try:
        content = checked_file.read(folder / _EXPORTED)
        exported = None if content is None else decode(content, Exported)
    except (checked_file.DamagedFileError, DocumentError):
        return None
    if exported is None or exported.export != export:
        return None
    return exported if all(_digest(folder / name) == digest for name, digest in exported.files.items()) else None


def _digest(path: Path) -> str:
    """Empty where there is no such file."""
    with storage_errors(path):
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
