"""Records become the rows of one window. Pure."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.training.online.windows import Head, Window
from shared.errors import DocumentError, RecordError
from shared.streams.decoding import Example, StreamDecoder


@dataclass(slots=True, kw_only=True)
class Gathering:
    """`size`: rows of the window. `positions`: by Kafka partition, the next offset to read."""

    number: int
    size: int
    most_rejected: float
    decoder: StreamDecoder
    positions: dict[int, int]
    rejected: int = field(default=0, init=False)
    _reason: str = field(default="", init=False)
    _inputs: list[NDArray[Any]] = field(default_factory=list, init=False)
    _labels: list[NDArray[Any]] = field(default_factory=list, init=False)

    @property
    def missing(self) -> int:
        return self.size - sum(map(len, self._inputs))

    def add(self, partition: int, pairs: Sequence[tuple[bytes | None, bytes | None]], position: int) -> None:
        """Values and keys of one Kafka partition, in the order of their offsets, no more than are `missing`.

        Raises DocumentError when more than the share `most_rejected` of a window cannot be read.
        """
        self._settle(pairs)
        examples = self.decoder.decode_many([value for value, _ in pairs], [key for _, key in pairs])
        if examples.kept:
            self._inputs.append(examples.x)
            self._labels.append(np.zeros(len(examples.x), np.uint8) if examples.y is None else examples.y)
        self.positions[partition] = position
        self.rejected += len(examples.faults)
        self._reason = self._reason or next((reason for _, reason in examples.faults), "")
        if self.rejected > self.most_rejected * self.size:
            raise DocumentError(
                f"{self.rejected} records of window {self.number}, which has {self.size}, cannot be read, more than "
                f"{self.most_rejected:.2%}; the first one: {self._reason}",
                field="input",
            )

    def window(self) -> Window:
        """Of `size` rows: nothing is missing any more."""
        positions = tuple(sorted(self.positions.items()))
        head = Head(number=self.number, positions=positions, rejected=self.rejected, reason=self._reason)
        return Window(head=head, inputs=np.concatenate(self._inputs), labels=np.concatenate(self._labels))

    def _settle(self, pairs: Sequence[tuple[bytes | None, bytes | None]]) -> None:
        """For the shape of the first record that can be read."""
        for value, key in pairs:
            if self.decoder.is_settled:
                return
            with suppress(RecordError):
                self.decoder = self.decoder.settled(self.decoder.decode(value, key))


def settled(decoder: StreamDecoder, window: Window) -> StreamDecoder:
    """For records of the shapes of this window only."""
    return decoder.settled(Example(x=window.inputs[0], y=window.labels[0]))
