"""Announced streams, and the training runs they started."""

from shared.client.answers import document
from shared.client.flow import Call, Flow
from shared.client.operation import Group, M, operation
from shared.client.pages import latest
from shared.client.paths import path
from shared.documents import RunResult, RunState, RunView, encode
from shared.documents.stream import StreamView


class Streams(Group[M]):
    @operation
    def list(self, *, cluster: str | None = None, limit: int | None = None) -> Flow[tuple[StreamView, ...]]:
        """All, or those of one cluster; the latest announced first, at most `limit`."""
        return latest(StreamView, path("streams"), {"cluster": cluster}, limit=limit)

    @operation
    def get(self, stream: str) -> Flow[StreamView]:
        return Call(method="GET", path=path("streams", stream), read=document(StreamView))


class Runs(Group[M]):
    @operation
    def list(
        self, *, request: str | None = None, state: RunState | None = None, limit: int | None = None
    ) -> Flow[tuple[RunView, ...]]:
        """All, or those of one request, in one state; the latest first, at most `limit`."""
        return latest(RunView, path("runs"), {"request": request, "state": state.value if state else None}, limit=limit)

    @operation
    def get(self, run: int) -> Flow[RunView]:
        return Call(method="GET", path=path("runs", str(run)), read=document(RunView))

    @operation
    def cancel(self, run: int) -> Flow[RunView]:
        return Call(method="POST", path=path("runs", str(run), "cancel"), read=document(RunView))

    @operation
    def retry(self, run: int) -> Flow[RunView]:
        """A run that failed or was cancelled starts again, with all its attempts; refused (409) of any other."""
        return Call(method="POST", path=path("runs", str(run), "retry"), read=document(RunView))

    @operation
    def result(self, run: int, result: RunResult) -> Flow[RunView]:
        """What a node hands in, by its own credential; its artifacts must have been uploaded. Refused (409) of an
        attempt that is no longer that node's."""
        return Call(
            method="POST", path=path("runs", str(run), "results"), content=encode(result), read=document(RunView)
        )
