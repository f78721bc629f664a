"""What is said of a stream beyond its records."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.documents import CONTROL_TOPIC, MOST_REQUEST_NUMBER, NEVER_REQUEST_NUMBERS
from shared.errors import SettingsError
from shared.streams.announcement import Announcement
from shared.streams.control_message import encode
from shared.streams.field_error import FieldError
from shared.streams.inputs import Input, RawInput
from shared.streams.ranges import Range


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """Which training request a stream is for, and how it is to be split. Without a request nobody is told of it.

    Raises SettingsError, before a record is sent, for what could not be announced.
    """

    request: int | None = None
    control_topic: str = CONTROL_TOPIC
    validation_rate: float = 0.0
    test_rate: float = 0.0
    description: str = ""
    restrictions: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_request(self.request)
        nothing = (Range(topic=self.control_topic, partition=0, start=0, end=0),)
        try:
            encode(self.announcement(RawInput(data_type="uint8", label_type="uint8"), nothing, ()))
        except (FieldError, TypeError) as error:
            raise SettingsError(f"this cannot be announced: {error}") from error

    def announcement(self, found: Input, ranges: tuple[Range, ...], unlabelled: tuple[Range, ...]) -> Announcement:
        """Of these ranges, of which one at least has something to it.

        Records without labels alone are announced with an empty range for those that have some: a reader of Kafka-ML's
        messages expects one.
        """
        none = tuple(Range(topic=one.topic, partition=one.partition, start=0, end=0) for one in unlabelled[:1])
        return Announcement(
            ranges=ranges or none,
            unlabelled_ranges=unlabelled,
            input=found,
            validation_rate=self.validation_rate,
            test_rate=self.test_rate,
            description=self.description,
            restrictions=dict(self.restrictions),
        )


def _check_request(number: int | None) -> None:
    if number is None or (1 <= number <= MOST_REQUEST_NUMBER and number not in NEVER_REQUEST_NUMBERS):
        return
    never = f"{NEVER_REQUEST_NUMBERS.start} to {NEVER_REQUEST_NUMBERS.stop - 1}"
    raise SettingsError(
        f"{number} is the number of no training request: they go from 1 to {MOST_REQUEST_NUMBER} without {never}"
    )
