"""A labelled stream is ready: which ranges of which topics, how to read them, how to split them."""

from typing import Any

import msgspec

from shared.documents.types import Fraction, Message, TopicName
from shared.streams.field_error import FieldError
from shared.streams.inputs import Input
from shared.streams.ranges import Range, overlap


class Announcement(Message, frozen=True, kw_only=True):
    """Either `ranges` or, for an online stream, an `open_topic`: its records from the announcement on, without an end.

    The same for records without labels, of which there may be none. What is left of the two rates is for training.
    `restrictions` describe the data to a federation. The total of an announcement may be 0: all ranges are empty.
    """

    ranges: tuple[Range, ...] = ()
    open_topic: TopicName | None = None
    unlabelled_ranges: tuple[Range, ...] = ()
    unlabelled_open_topic: TopicName | None = None
    input: Input
    validation_rate: Fraction = 0.0
    test_rate: Fraction = 0.0
    description: str = ""
    restrictions: dict[str, Any] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_source(self.ranges, self.open_topic, "ranges", "open_topic")
        _check_source(self.unlabelled_ranges, self.unlabelled_open_topic, "unlabelled_ranges", "unlabelled_open_topic")
        if not self.ranges and self.open_topic is None:
            raise FieldError("neither ranges nor an open topic: name what is to be read", field="ranges")
        if self.open_topic is not None and self.open_topic == self.unlabelled_open_topic:
            raise FieldError("the records with labels come on this topic", field="unlabelled_open_topic")
        shared = overlap(self.ranges + self.unlabelled_ranges)
        if shared is not None:
            reason = f"{shared[0]} and {shared[1]} overlap: one has labels, the other has none"
            raise FieldError(reason, field="unlabelled_ranges")
        _check_rates(self.validation_rate, self.test_rate)

    @property
    def is_online(self) -> bool:
        """Whether records go on coming, with labels or without."""
        return self.open_topic is not None or self.unlabelled_open_topic is not None

    @property
    def has_end(self) -> bool:
        """Whether the labelled records have one: what is trained on them then ends as well."""
        return self.open_topic is None

    @property
    def total(self) -> int | None:
        """Labelled offsets, of records as many or fewer; None where there is no end."""
        return None if self.open_topic is not None else sum(one.offsets for one in self.ranges)

    @property
    def unlabelled_total(self) -> int | None:
        """The same of the records without labels."""
        return None if self.unlabelled_open_topic is not None else sum(one.offsets for one in self.unlabelled_ranges)


def _check_source(ranges: tuple[Range, ...], topic: str | None, ranges_field: str, topic_field: str) -> None:
    if ranges and topic is not None:
        raise FieldError("has ranges already: a stream either ends or does not", field=topic_field)
    shared = overlap(ranges)
    if shared is not None:
        raise FieldError(f"{shared[0]} and {shared[1]} overlap: name each offset once", field=ranges_field)


def _check_rates(validation: float, test: float) -> None:
    for field, rate in (("validation_rate", validation), ("test_rate", test)):
        if not 0 <= rate <= 1:
            raise FieldError(f"is {rate}, must be a share from 0 to 1", field=field)
    # Less than 1 by rounding alone is 1.
    if validation + test > 1 - 1e-9:
        raise FieldError(f"{validation} and {test} leave nothing to train on: lower one", field="validation_rate")
