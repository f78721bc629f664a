"""The chunks of one sender as they come, in a file, until a manifest says that they are all.

On the disk, because a thousand senders may be half way at once; a file each, because they send one thing at a time.
"""

from hashlib import sha256
from pathlib import Path

from agent.federation.weights import UnlikeError
from agent.federation.wire.chunks import ChunkKey
from agent.federation.wire.manifests import Content
from shared.storage import storage_errors


class Inbox:
    """`most_bytes`: what is longer is thrown away as it comes, and `whole` says so."""

    def __init__(self, file: Path, *, most_bytes: int) -> None:
        self._file = file
        self._most_bytes = most_bytes
        self._trouble = ""
        self._begin(-1)

    def take(self, key: ChunkKey, chunk: bytes) -> None:
        """A chunk that is there already is passed over: a sender that was cut off sends its last ones again.

        Raises StorageError.
        """
        if key.number != self._number:
            self._begin(key.number)
        if self._trouble or key.place < self._chunks:
            return
        if key.place > self._chunks:
            self._trouble = f"chunk {self._chunks} is missing before chunk {key.place}"
        elif self._size + len(chunk) > self._most_bytes:
            self._trouble = f"it has more than the {self._most_bytes:,} bytes that a change of this model can have"
        else:
            self._append(chunk)

    def whole(self, number: int, content: Content) -> bytes:
        """What the manifest speaks of. Raises UnlikeError with the reason when that is not what came, StorageError."""
        if self._number != number:
            raise UnlikeError(f"no chunk of {number} came before its manifest")
        if self._trouble:
            raise UnlikeError(self._trouble)
        came = Content(chunks=max(self._chunks, 1), size_bytes=self._size, sha256=self._digest.hexdigest())
        for what, here, promised in (
            ("chunks", came.chunks, content.chunks),
            ("bytes", came.size_bytes, content.size_bytes),
            ("digest", came.sha256, content.sha256),
        ):
            if here != promised:
                raise UnlikeError(f"{what}: {here} came, and its manifest says {promised}")
        with storage_errors(self._file):
            return self._file.read_bytes()

    def clear(self) -> None:
        """Raises StorageError."""
        self._begin(-1)
        with storage_errors(self._file):
            self._file.unlink(missing_ok=True)

    def _begin(self, number: int) -> None:
        self._number, self._chunks, self._size = number, 0, 0
        self._trouble = ""
        self._digest = sha256()

    def _append(self, chunk: bytes) -> None:
        with storage_errors(self._file), self._file.open("ab" if self._chunks else "wb") as file:
            file.write(chunk)
        self._chunks, self._size = self._chunks + 1, self._size + len(chunk)
        self._digest.update(chunk)
