"""What cannot be announced is refused before a record is sent."""

from typing import Any

import pytest

from shared.errors import SettingsError
from shared.streams import control_message
from shared.streams.inputs import RawInput
from shared.streams.purpose import Purpose
from shared.streams.ranges import Range

INPUT = RawInput(data_type="uint8", label_type="uint8", data_shape=(2,), label_shape=(1,))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"request": 0}, "0 is the number of no training request"),
        ({"request": 55}, "without 48 to 57"),
        ({"validation_rate": 0.5, "test_rate": 0.5}, "leave nothing to train on"),
        ({"test_rate": -0.1}, "test_rate: is -0.1"),
        ({"restrictions": {"classes": object()}}, "cannot be announced"),
    ],
)
def test_what_cannot_be_announced_is_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        Purpose(**wrong)


def test_records_without_labels_alone_come_with_an_empty_range_for_those_that_have_some() -> None:
    unlabelled = (Range(topic="t", partition=1, start=5, end=9),)
    announcement = Purpose().announcement(INPUT, (), unlabelled)
    assert (announcement.total, announcement.unlabelled_total) == (0, 4)
    assert control_message.parse(b"7", control_message.encode(announcement)) == (7, announcement)
