"""Who sent a manifest: signed with the node's own key, verified with the half that everybody may know.

Ed25519, RFC 8032. What a broker lets others write into a participant's topic does not count without it.
"""

import os
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shared.errors import StorageError
from shared.storage import storage_errors

HEADER = "fogline-signature"
_KEY_BYTES = 32


class Signer:
    """Holds the half that never leaves the node."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @classmethod
    def kept_in(cls, file: Path) -> "Signer":
        """The node's key, drawn when there is none yet; readable by its owner alone. Raises StorageError."""
        with storage_errors(file):
            try:
                raw = file.read_bytes()
            except FileNotFoundError:
                raw = os.urandom(_KEY_BYTES)
                _keep(file, raw)
        if len(raw) != _KEY_BYTES:
            raise StorageError(
                f"{file} is damaged: it is no key; remove it, and what was signed with it is not accepted"
            )
        return cls(Ed25519PrivateKey.from_private_bytes(raw))

    @property
    def public(self) -> str:
        """Base64, to be told to everybody."""
        return b64encode(self._key.public_key().public_bytes_raw()).decode()

    def sign(self, content: bytes) -> bytes:
        """64 bytes."""
        return self._key.sign(content)


def is_signed(content: bytes, signature: bytes | None, *, public: str) -> bool:
    """Whether whoever holds the other half of `public` has signed this content."""
    try:
        Ed25519PublicKey.from_public_bytes(b64decode(public, validate=True)).verify(signature or b"", content)
    except (InvalidSignature, Base64Error, ValueError):
        return False
    return True


def _keep(file: Path, raw: bytes) -> None:
    """Whole or not at all: a key that is lost half way has signed nothing yet."""
    fresh = file.with_name(file.name + ".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as written:
        written.write(raw)
        written.flush()
        os.fsync(written.fileno())
    fresh.replace(file)
