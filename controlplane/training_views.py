"""What people are shown of runs and streams. Pure."""

from collections.abc import Mapping

from controlplane.announced import Look, keeping
from controlplane.clock import Times, timestamp
from controlplane.runs import Run
from controlplane.store.streams import StoredStream
from shared.documents import RunView
from shared.documents.stream import StreamView


def run_view(run: Run, times: Times) -> RunView:
    return RunView(
        id=run.id,
        request=run.request.name,
        network=run.network.name,
        stream=run.stream,
        state=run.state,
        reason=run.reason,
        attempt=run.attempt,
        node=run.node,
        progress=run.progress,
        versions=run.versions,
        exits=run.exits,
        test=run.test,
        files=run.files,
        created_at=timestamp(run.created_at),
        ended_at=None if run.ended_at is None else timestamp(run.ended_at),
        deadline=_deadline(run, times),
    )


def _deadline(run: Run, times: Times) -> str | None:
    if run.state.is_final or run.deadline is None:
        return None
    return timestamp(times.wall + (run.deadline - times.steady))


def stream_view(stream: StoredStream, looks: Mapping[tuple[str, int], Look], runs: tuple[int, ...]) -> StreamView:
    kept = keeping(stream.announcement, looks, seen_at=stream.seen_at)
    return StreamView(
        id=stream.id,
        cluster=stream.cluster,
        control_topic=stream.control_topic,
        number=stream.number,
        announcement=stream.announcement,
        announced_at=timestamp(stream.announced_at),
        expired=kept.expired,
        looked_at=None if kept.looked_at is None else timestamp(kept.looked_at),
        runs=runs,
    )
