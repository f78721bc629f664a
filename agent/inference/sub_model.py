"""One loaded version, and who still uses it."""

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from agent.backends.protocol import LoadedSubModel, Outputs
from shared.documents import LoadedVersion
from shared.record.decoded import Decoded
from shared.record.decoders import DecodeBatch
from shared.record.prediction import Answerer


class SubModelInUse:
    """A version in memory, closed when it is retired and the last micro-batch that holds it has been inferred."""

    def __init__(self, version: LoadedVersion, model: LoadedSubModel, decode: DecodeBatch, answerer: Answerer) -> None:
        self.version = version
        self.id = version.id
        self.model_header = version.id.encode()
        self.answerer = answerer
        self._model = model
        self._decode = decode
        self._users = 0
        self._is_retired = False

    def decode(self, values: Sequence[bytes | None], headers: Sequence[bytes | None]) -> Decoded:
        return self._decode(values, headers)

    def infer(self, batch: NDArray[Any]) -> Outputs:
        """Raises ModelError."""
        return self._model.infer(batch)

    def acquire(self) -> None:
        self._users += 1

    def release(self) -> None:
        self._users -= 1
        self._close_if_unused()

    def retire(self) -> None:
        self._is_retired = True
        self._close_if_unused()

    def _close_if_unused(self) -> None:
        if self._is_retired and self._users == 0:
            self._is_retired = False
            self._model.close()
