"""Streams as they are kept: the latest announcement counts, each record is taken in once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session

from controlplane.store import streams
from controlplane.store.database import Database
from controlplane.store.streams import Place, StoredStream
from shared.documents.stream import AnnouncementFound, Kept
from tests.controlplane.training import announcement


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    database = Database(f"sqlite:///{tmp_path / 'db.sqlite'}")
    with Session(database._engine) as session:
        yield session
    database.close()


def stream(number: int, announced_at: float, id: str = "s-1") -> StoredStream:
    return StoredStream(
        id=id,
        cluster="main",
        control_topic="control",
        number=number,
        announcement=announcement(),
        announced_at=announced_at,
        seen_at=announced_at,
    )


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_the_latest_announcement_counts_whichever_comes_first(session: Session, order: tuple[int, int]) -> None:
    for number in order:
        streams.put(session, stream(number, announced_at=float(number)))
    (kept,) = streams.on_cluster(session, "main")
    assert (kept.number, kept.announced_at, kept.seen_at) == (2, 2.0, float(order[0]))
    assert streams.those(session) == [kept]
    assert streams.on_cluster(session, "other") == []


@given(st.lists(st.integers(0, 3), max_size=8), st.integers(1, 3))
def test_pages_one_after_another_are_the_whole_list(moments: list[int], limit: int) -> None:
    database = Database("sqlite://")
    with Session(database._engine) as session:
        for place, moment in enumerate(moments):
            streams.put(session, stream(1, announced_at=moment / 10, id=f"s-{place}"))
        whole, paged = streams.those(session), list[StoredStream]()
        while page := streams.those(session, after=place_of(paged[-1]) if paged else None, limit=limit):
            paged += page
    database.close()
    assert paged == whole == sorted(whole, key=lambda one: (-one.announced_at, one.id))


def place_of(one: StoredStream) -> Place:
    return Place(one.announced_at, one.id)


def test_a_record_is_taken_in_once(session: Session) -> None:
    record = AnnouncementFound(partition=0, offset=2**63 - 1, timestamp_ms=5)
    assert [streams.take_in(session, "main", "control", record) for _ in range(2)] == [True, False]
    assert streams.take_in(session, "other", "control", record)


def test_the_last_look_counts(session: Session) -> None:
    for first in (1, 5):
        streams.note_kept(session, "main", [Kept(topic="data", partition=0, first=first, last=9)], now=float(first))
    (look,) = streams.looks(session, "main").values()
    assert (look.kept.first, look.looked_at) == (5, 5.0)
    assert streams.looks(session, "other") == {}
