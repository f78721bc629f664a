"""What a stream is called, whom it is for, and what of it is gone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlplane.announced import Look, keeping, mismatch
from shared.documents.stream import Kept, stream_id
from shared.streams.announcement import Announcement
from shared.streams.inputs import RawInput
from shared.streams.ranges import Range
from tests.controlplane.training import announcement, request

INPUT = RawInput(data_type="uint8", label_type="uint8")
SEEN_AT = 100.0


def looked(first: int, last: int, *, topic: str = "data", at: float = SEEN_AT + 1) -> dict[tuple[str, int], Look]:
    return {(topic, 0): Look(kept=Kept(topic=topic, partition=0, first=first, last=last), looked_at=at)}


def expired(what: Announcement, looks: dict[tuple[str, int], Look]) -> str:
    return keeping(what, looks, seen_at=SEEN_AT).expired


def test_a_stream_is_its_cluster_and_what_was_announced() -> None:
    assert stream_id("main", announcement()) == stream_id("main", announcement())
    assert (
        len({stream_id("main", announcement()), stream_id("b", announcement()), stream_id("main", announcement("x"))})
        == 3
    )


@pytest.mark.parametrize(
    ("first", "last", "gone"),
    [
        (0, 100, ""),
        (10, 100, ""),
        (11, 500, "expired up to data:0:11"),
        (100, 500, "expired"),
        (500, 500, "expired"),
        (0, 99, "expired"),
    ],
)
def test_what_is_gone_is_told(first: int, last: int, gone: str) -> None:
    assert expired(announcement(start=10), looked(first, last)) == gone


def test_a_look_from_before_the_stream_was_seen_says_nothing() -> None:
    assert keeping(announcement(), looked(0, 0, at=SEEN_AT), seen_at=SEEN_AT).looked_at is None
    assert expired(announcement(), looked(0, 0, at=SEEN_AT)) == ""


def test_a_stream_counts_as_looked_at_once_all_of_it_was() -> None:
    two = Announcement(
        ranges=(Range(topic="data", partition=0, start=0, end=9), Range(topic="more", partition=0, start=0, end=9)),
        input=INPUT,
    )
    part = looked(0, 9, at=200)
    assert keeping(two, part, seen_at=SEEN_AT).looked_at is None
    assert keeping(two, part | looked(0, 9, topic="more", at=150), seen_at=SEEN_AT).looked_at == 150
    assert expired(two, part | looked(9, 9, topic="more")) == "expired up to more:0:9"


def test_records_without_labels_expire_too() -> None:
    what = Announcement(
        ranges=announcement().ranges,
        unlabelled_ranges=(Range(topic="more", partition=0, start=0, end=9),),
        input=INPUT,
    )
    assert expired(what, looked(0, 100) | looked(4, 9, topic="more")) == "expired up to more:0:4"


@given(st.integers(0, 200), st.integers(0, 200))
def test_what_has_expired_stays_so_as_the_log_moves_on(first: int, more: int) -> None:
    before, after = looked(first, 300), looked(first + more, 300)
    assert bool(expired(announcement(), after)) >= bool(expired(announcement(), before))


@pytest.mark.parametrize(
    ("cluster", "topic", "announced_at", "reason"),
    [
        ("main", "KAFKA_ML_CONTROL_TOPIC", 40.0, ""),
        ("main", "KAFKA_ML_CONTROL_TOPIC", 39.9, "before"),
        ("main", "other", 100.0, "waits on KAFKA_ML_CONTROL_TOPIC of cluster main"),
        ("edge", "KAFKA_ML_CONTROL_TOPIC", 100.0, "waits on KAFKA_ML_CONTROL_TOPIC of cluster main"),
    ],
)
def test_a_stream_is_for_who_waits_there_since_then(cluster: str, topic: str, announced_at: float, reason: str) -> None:
    said = mismatch(request(), cluster=cluster, control_topic=topic, announced_at=announced_at, waits_since=100.0)
    assert reason in said
    assert bool(said) == bool(reason)
