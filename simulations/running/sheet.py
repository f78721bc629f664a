"""What the clients know of each record they sent. Pure: times come in, in microseconds of the monotonic clock.

While records are under way an answer is kept as it came; reading it costs time, and waits until the load is over.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from shared.errors import RecordError
from shared.record.prediction import Prediction, decode_prediction


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    at_us: int
    prediction: Prediction


@dataclass(slots=True, kw_only=True)
class Entry:
    """One record; `image` of the sample is what it holds."""

    client: int
    number: int
    id: bytes
    due_us: int
    warm_up: bool
    image: int
    label: int | None
    sent_us: int | None = None
    acked_us: int | None = None
    heard: list[tuple[int, bytes]] = field(default_factory=list)
    dead_letter: str | None = None

    def answers(self) -> list[Answer]:
        """What was heard, without that which is no prediction."""
        found = []
        for at_us, value in self.heard:
            try:
                found.append(Answer(at_us=at_us, prediction=decode_prediction(value)))
            except RecordError:
                continue  # so the record counts as lost, if nothing else came
        return found


def standing(answers: list[Answer]) -> Answer | None:
    """The first that is not degraded, or else the first."""
    return next((one for one in answers if not one.prediction.degraded), answers[0] if answers else None)


@dataclass(slots=True)
class Sheet:
    """Entries by id; `open` counts those of which neither an answer nor a dead letter came."""

    _entries: dict[bytes, Entry] = field(default_factory=dict)
    open: int = 0

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    def expect(self, entry: Entry) -> None:
        self._entries[entry.id] = entry
        self.open += 1

    def answered(self, id: bytes, value: bytes, at_us: int) -> None:
        """Somebody else's answer is passed over."""
        entry = self._entries.get(id)
        if entry is not None:
            self._close(entry)
            entry.heard.append((at_us, value))

    def dead_lettered(self, id: bytes, reason: str) -> None:
        entry = self._entries.get(id)
        if entry is not None:
            self._close(entry)
            entry.dead_letter = reason

    def _close(self, entry: Entry) -> None:
        if not entry.heard and entry.dead_letter is None:
            self.open -= 1
