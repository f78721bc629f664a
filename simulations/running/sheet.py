"""What the clients know of each record they sent. Pure: times come in, in microseconds of the monotonic clock."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from shared.record.prediction import Prediction


@dataclass(slots=True, kw_only=True)
class Entry:
    """One record, which holds the sample's `image`.

    `answered_us` is when the first answer came that was not degraded, or else the first.
    """

    client: int
    number: int
    id: bytes
    due_us: int
    warm_up: bool
    image: int
    label: int | None
    sent_us: int | None = None
    acked_us: int | None = None
    answered_us: int | None = None
    prediction: Prediction | None = None
    answers: int = 0
    dead_letter: str | None = None


@dataclass(slots=True)
class Sheet:
    """Entries by id; `open` counts those that neither an answer nor a dead letter came of."""

    _entries: dict[bytes, Entry] = field(default_factory=dict)
    open: int = 0

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    def expect(self, entry: Entry) -> None:
        self._entries[entry.id] = entry
        self.open += 1

    def answered(self, prediction: Prediction, at_us: int) -> None:
        """Somebody else's answer is passed over."""
        entry = self._entries.get(bytes.fromhex(prediction.id))
        if entry is None:
            return
        self._close(entry)
        entry.answers += 1
        better = entry.prediction is not None and entry.prediction.degraded and not prediction.degraded
        if entry.prediction is None or better:
            entry.prediction, entry.answered_us = prediction, at_us

    def dead_lettered(self, id: bytes, reason: str) -> None:
        entry = self._entries.get(id)
        if entry is not None:
            self._close(entry)
            entry.dead_letter = reason

    def _close(self, entry: Entry) -> None:
        if entry.prediction is None and entry.dead_letter is None:
            self.open -= 1
