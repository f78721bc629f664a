"""Seeds of noise as they stand in a log that others may read: whoever knew one could take the noise away again.

AES-GCM (NIST SP 800-38D); a seed is sealed to its log and round, so that none can be put in another's place.
"""

import os
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.errors import FoglineError

_NONCE_BYTES, _SEED_BYTES, _KEY_BYTES = 12, 32, 32


class SealError(FoglineError):
    """The key is none, or not the one that this seed was sealed under."""


@dataclass(frozen=True, slots=True)
class Seal:
    """`key`: base64 of 32 bytes. `log`: the topic. `entropy`: so many bytes that nobody can guess."""

    key: str
    log: str
    entropy: Callable[[int], bytes] = os.urandom

    def drawn(self, round: int) -> str:
        """A new seed, sealed. Raises SealError."""
        nonce, seed = self.entropy(_NONCE_BYTES), self.entropy(_SEED_BYTES)
        return b64encode(nonce + self._cipher().encrypt(nonce, seed, self._bound(round))).decode()

    def opened(self, round: int, sealed: str) -> bytes:
        """Raises SealError."""
        try:
            raw = b64decode(sealed, validate=True)
            return self._cipher().decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], self._bound(round))
        except (InvalidTag, Base64Error, ValueError) as error:
            raise SealError(f"the seed of round {round}'s noise cannot be opened: another key has sealed it") from error

    def _cipher(self) -> AESGCM:
        try:
            key = b64decode(self.key, validate=True)
        except (Base64Error, ValueError) as error:
            raise SealError("the key that seeds are sealed under is no base64") from error
        if len(key) != _KEY_BYTES:
            raise SealError(f"the key that seeds are sealed under has {len(key)} bytes, not {_KEY_BYTES}")
        return AESGCM(key)

    def _bound(self, round: int) -> bytes:
        return f"{self.log}/{round}".encode()
