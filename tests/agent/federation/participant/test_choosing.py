"""Which records an update learns from, and in words why none."""

import pytest
from msgspec.structs import replace

from agent.federation.participant.catalogue import Stream, description
from agent.federation.participant.choosing import Lesson, choice, lesson
from shared.documents import Rates
from shared.documents.federation import Federation, LearntData, Requirements
from shared.streams.announcement import Announcement
from shared.streams.inputs import RawInput
from shared.streams.ranges import Range

INPUT = RawInput(data_type="uint8", label_type="uint8", data_shape=(8, 8), label_shape=())
FEDERATION = Federation(name="shapes", network="shapes", cluster="platform", requirements=Requirements(records=70))


def part(topic: str, start: int, end: int) -> Range:
    return Range(topic=topic, partition=0, start=start, end=end)


def stream(topic: str, end: int = 60, given: RawInput = INPUT, **changes: object) -> Stream:
    announcement = Announcement(ranges=(part(topic, 0, end),), input=given, validation_rate=0.2, test_rate=0.1)
    announcement = replace(announcement, **changes)
    return Stream(announcement=announcement, announced_ms=0, found=description(announcement))


def chosen(*streams: Stream, federation: Federation = FEDERATION, learnt: tuple[Range, ...] = ()) -> Lesson | str:
    found = choice(federation.requirements, streams)
    return lesson(federation, found, [one.announcement.ranges for one in found.streams], learnt)


def test_streams_read_the_same_way_are_learnt_together() -> None:
    found = chosen(stream("one"), stream("two"))
    assert isinstance(found, Lesson)
    assert found.ranges == (part("one", 0, 60), part("two", 0, 60))
    assert found.rates == Rates(validation=0.2, test=0.1)
    assert found.notice == ""


def test_records_announced_twice_are_learnt_once() -> None:
    found = chosen(stream("one", 120), stream("one", 80, description="again"))
    assert isinstance(found, Lesson)
    assert found.ranges == (part("one", 0, 120),)


def test_of_streams_read_in_several_ways_the_first_that_is_enough_is_learnt_and_the_others_are_named() -> None:
    other = replace(INPUT, label_type="int64")
    found = chosen(stream("few"), stream("wide", 150, other), stream("more", 150))
    assert isinstance(found, Lesson)
    assert found.ranges == (part("few", 0, 60), part("more", 0, 150))
    assert found.notice == "left out, for their records are written in another way: wide"


def test_the_rates_of_the_document_win() -> None:
    found = chosen(stream("one", 200), federation=replace(FEDERATION, rates=Rates(validation=0, test=0.5)))
    assert isinstance(found, Lesson)
    assert found.rates == Rates(validation=0, test=0.5)


@pytest.mark.parametrize(("data", "records"), [(LearntData.ALL, 300), (LearntData.NEW, 120)])
def test_what_was_learnt_is_learnt_again_only_where_all_is_asked_for(data: LearntData, records: int) -> None:
    found = chosen(stream("one", 300), federation=replace(FEDERATION, data=data), learnt=(part("one", 0, 180),))
    assert isinstance(found, Lesson)
    assert sum(one.offsets for one in found.ranges) == records


def test_too_few_new_records_are_waited_for() -> None:
    new = replace(FEDERATION, data=LearntData.NEW)
    found = chosen(stream("one", 300), federation=new, learnt=(part("one", 0, 280),))
    assert found == "waits for data: 14 new records of 70, without those held back"


def test_too_few_records_are_waited_for() -> None:
    assert chosen(stream("one")) == "waits for data: 42 records of 70, without those held back"


@pytest.mark.parametrize(("records", "is_enough"), [(99, False), (100, True)])
def test_records_that_are_held_back_do_not_count(records: int, is_enough: bool) -> None:
    assert isinstance(chosen(stream("one", records)), Lesson) == is_enough


def test_where_nothing_is_announced_the_topic_is_named() -> None:
    expected = "waits for data: no stream is announced on topic 'FEDERATED_DATA_CONTROL_TOPIC' of this site's Kafka"
    assert chosen() == expected


def test_a_schema_that_nearly_matches_is_told_apart_in_words() -> None:
    asked = replace(FEDERATION, requirements=Requirements(shape=(8, 8, 1), records=100))
    found = chosen(stream("one", 500), federation=asked)
    assert found == "waits for data: no announced stream fits (one: records have shape [8, 8], not [8, 8, 1])"


def test_a_list_of_what_does_not_fit_is_short() -> None:
    asked = replace(FEDERATION, requirements=Requirements(shape=(1,)))
    found = chosen(*(stream(f"topic-{number}") for number in range(9)), federation=asked)
    assert isinstance(found, str)
    assert found.endswith("; and 4 more)")
