"""Artifacts in a run's folder, each called by its digest; what an earlier process has made is not made again.

    <folder>/artifacts/<sha256>
    <folder>/artifacts/made     which of them is what, behind its checksum

Beside one stands an empty file when a backend has survived loading it (agent/backends/flatbuffer/probe.py).
"""

from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from agent import checked_file
from agent.training.exporting.nearness import name
from shared.documents import Artifact, ExportForm, decode, encode
from shared.documents.types import Message, Sha256
from shared.errors import DocumentError
from shared.storage import replace_file, require_room, storage_errors

FOLDER = "artifacts"


class _Made(Message, frozen=True, kw_only=True):
    """`digests`: by tier and form."""

    alike: str
    digests: dict[str, Sha256]


class Artifacts:
    """`alike`: names all that the bytes of an artifact depend on besides its tier and form. Raises StorageError."""

    def __init__(self, folder: Path, alike: str) -> None:
        self._run, self._folder = folder, folder / FOLDER
        with storage_errors(self._folder):
            self._folder.mkdir(mode=0o700, exist_ok=True)
        self._made = self._load(alike)

    def path(self, artifact: Artifact) -> Path:
        return self._run / artifact.file

    def found(self, tier: str, form: ExportForm) -> Artifact | None:
        """None where it was not made, or is damaged."""
        digest = self._made.digests.get(_key(tier, form))
        if digest is None:
            return None
        path = self._folder / digest
        with storage_errors(path):
            content = path.read_bytes() if path.is_file() else b""
        return _artifact(content, form) if sha256(content).hexdigest() == digest else None

    def made(self, tier: str, form: ExportForm, make: Callable[[], bytes]) -> Artifact:
        content = make()
        artifact = _artifact(content, form)
        require_room(self._folder, len(content))
        replace_file(self.path(artifact), content)
        digests = {**self._made.digests, _key(tier, form): artifact.sha256}
        self._made = _Made(alike=self._made.alike, digests=digests)
        checked_file.write(self._folder / "made", encode(self._made))
        return artifact

    def _load(self, alike: str) -> _Made:
        with suppress(checked_file.DamagedFileError, DocumentError):
            content = checked_file.read(self._folder / "made")
            found = None if content is None else decode(content, _Made)
            if found is not None and found.alike == alike:
                return found
        return _Made(alike=alike, digests={})


def _artifact(content: bytes, form: ExportForm) -> Artifact:
    digest = sha256(content).hexdigest()
    return Artifact(
        sha256=digest,
        size_bytes=len(content),
        format=form.format,
        precision=form.precision,
        file=f"{FOLDER}/{digest}",
    )


def _key(tier: str, form: ExportForm) -> str:
    return f"{tier} {name(form)}"
