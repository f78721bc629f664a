"""Runs as they are kept: numbered for good, found by what a query needs, whole."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import text
from sqlmodel import Session

from controlplane.runs import Run
from controlplane.store import runs
from controlplane.store.database import Database
from shared.documents import RunState
from tests.controlplane.training import announcement, request, source

NEW = Run(
    id=0,
    request=request(number=1),
    network=source(),
    stream="s-1",
    announcement=announcement(),
    began=1.0,
    created_at=2.0,
)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    database = Database(f"sqlite:///{tmp_path / 'db.sqlite'}")
    with Session(database._engine) as session:
        yield session
    database.close()


def test_a_run_comes_back_as_it_went(session: Session) -> None:
    run = runs.add(session, NEW)
    assert (run.id, runs.find(session, 1)) == (1, run)
    changed = replace(run, state=RunState.RUNNING, node="box", reason="x")
    runs.save(session, changed)
    assert runs.find(session, 1) == changed
    assert runs.find(session, 2) is None


def test_no_number_is_given_twice(session: Session) -> None:
    runs.add(session, NEW)
    session.connection().execute(text("DELETE FROM run"))
    session.expire_all()
    assert runs.add(session, NEW).id == 2


def test_runs_that_are_over_are_not_unfinished(session: Session) -> None:
    made = [runs.add(session, NEW) for _ in RunState]
    for run, state in zip(made, RunState, strict=True):
        runs.save(session, replace(run, state=state, node="box"))
    assert [one.state for one in runs.unfinished(session)] == [RunState.WAITING, RunState.RUNNING]
    assert [one.state for one in runs.those(session, state=RunState.FAILED)] == [RunState.FAILED]
    assert (runs.is_on(session, "box"), runs.is_on(session, "other")) == (True, False)


def test_runs_are_found_by_stream_and_request(session: Session) -> None:
    for stream in ("s-1", "s-2", "s-1"):
        runs.add(session, replace(NEW, stream=stream))
    assert runs.of_streams(session, ["s-1", "s-3"]) == {"s-1": (1, 3)}
    assert [one.id for one in runs.of_stream(session, "s-1")] == [1, 3]
    assert [one.id for one in runs.those(session, request="hourly")] == [3, 2, 1]
    assert [one.id for one in runs.those(session, request="hourly", before=3, limit=1)] == [2]
    assert runs.those(session, request="other") == []
    assert runs.artifacts(session) == {source().files[0].sha256}
