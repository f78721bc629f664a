"""Training runs, numbered from 1 in the order they were made."""

from collections.abc import Collection, Iterable

import msgspec
from sqlmodel import Session, col, select

from controlplane.runs import Run
from controlplane.store.tables import RunRow
from shared.documents import RunState, decode, encode

_UNFINISHED = tuple(state.value for state in RunState if not state.is_final)


def add(session: Session, run: Run) -> Run:
    """Write down a new run; its `id` is given here."""
    row = _row(run)
    session.add(row)
    session.flush()
    numbered = msgspec.structs.replace(run, id=row.id)
    row.document = encode(numbered)
    session.flush()
    return numbered


def save(session: Session, run: Run) -> None:
    """Write down what has become of a run that is there."""
    row = session.get_one(RunRow, run.id)
    row.state, row.node, row.document = run.state.value, run.node, encode(run)
    session.flush()


def find(session: Session, id_: int) -> Run | None:
    row = session.get(RunRow, id_)
    return _run(row) if row else None


def unfinished(session: Session) -> list[Run]:
    """By number: the oldest first."""
    query = select(RunRow).where(col(RunRow.state).in_(_UNFINISHED)).order_by(col(RunRow.id))
    return [_run(row) for row in session.exec(query)]


def those(
    session: Session,
    *,
    request: str | None = None,
    state: RunState | None = None,
    before: int | None = None,
    limit: int | None = None,
) -> list[Run]:
    """Of this request, in this state, of a lower number than `before`; the latest first, at most `limit`."""
    query = select(RunRow).order_by(col(RunRow.id).desc()).limit(limit)
    if before is not None:
        query = query.where(col(RunRow.id) < before)
    if request is not None:
        query = query.where(RunRow.request == request)
    if state is not None:
        query = query.where(RunRow.state == state.value)
    return [_run(row) for row in session.exec(query)]


def of_streams(session: Session, streams: Collection[str]) -> dict[str, tuple[int, ...]]:
    """The runs of each of these streams that has any, the first first."""
    query = select(RunRow.stream, RunRow.id).where(col(RunRow.stream).in_(streams)).order_by(col(RunRow.id))
    by_stream: dict[str, tuple[int, ...]] = {}
    for stream, id_ in session.exec(query):
        by_stream[stream] = (*by_stream.get(stream, ()), id_ or 0)
    return by_stream


def of_stream(session: Session, stream: str) -> list[Run]:
    return [_run(row) for row in session.exec(select(RunRow).where(RunRow.stream == stream).order_by(col(RunRow.id)))]


def is_on(session: Session, node: str) -> bool:
    """Whether a run that is not over lies on this node."""
    query = select(RunRow.id).where(RunRow.node == node, col(RunRow.state).in_(_UNFINISHED))
    return session.exec(query).first() is not None


def artifacts(session: Session) -> frozenset[str]:
    """The SHA-256 of every file that a run was made from or left behind."""
    return frozenset(
        sha256 for row in session.exec(select(RunRow)) for run in [_run(row)] for sha256 in _artifacts(run)
    )


def _artifacts(run: Run) -> Iterable[str]:
    yield from (one.sha256 for one in run.network.files)
    yield from (one.sha256 for one in run.files)
    if run.start_from is not None:
        yield run.start_from.weights.sha256


def _row(run: Run) -> RunRow:
    return RunRow(
        request=run.request.name,
        network=run.network.name,
        stream=run.stream,
        state=run.state.value,
        node=run.node,
        document=encode(run),
    )


def _run(row: RunRow) -> Run:
    return decode(row.document, Run)
