"""What is to be trained: networks, configurations of them, and requests that wait for streams."""

from typing import TypeVar

from shared.client.answers import document, items, nothing
from shared.client.flow import Call, Flow
from shared.client.operation import Group, M, operation
from shared.client.paths import path
from shared.documents import (
    Configuration,
    NetworkSource,
    ReuseRequest,
    RunView,
    TrainingRequest,
    TrainingRequestStatus,
    encode,
    encode_given,
)

D = TypeVar("D", NetworkSource, Configuration, TrainingRequest)


class Networks(Group[M]):
    @operation
    def put(self, network: NetworkSource, *, if_match: str | None = None) -> Flow[NetworkSource]:
        """Its files must have been uploaded. What is put changes later runs, none that is there.

        `if_match`: the `digest` of what was seen; raises ControlPlaneError (412) when it is something else by now.
        """
        return _put("networks", network, NetworkSource, if_match)

    @operation
    def list(self) -> Flow[tuple[NetworkSource, ...]]:
        return Call(method="GET", path=path("networks"), read=items(NetworkSource))

    @operation
    def get(self, name: str) -> Flow[NetworkSource]:
        return Call(method="GET", path=path("networks", name), read=document(NetworkSource))

    @operation
    def delete(self, name: str) -> Flow[None]:
        """Refused (409) while a configuration names it."""
        return Call(method="DELETE", path=path("networks", name), read=nothing)


class Configurations(Group[M]):
    @operation
    def put(self, configuration: Configuration, *, if_match: str | None = None) -> Flow[Configuration]:
        """Its networks must be there. `if_match` as of networks."""
        return _put("configurations", configuration, Configuration, if_match)

    @operation
    def list(self) -> Flow[tuple[Configuration, ...]]:
        return Call(method="GET", path=path("configurations"), read=items(Configuration))

    @operation
    def get(self, name: str) -> Flow[Configuration]:
        return Call(method="GET", path=path("configurations", name), read=document(Configuration))

    @operation
    def delete(self, name: str) -> Flow[None]:
        """Refused (409) while a training request names it."""
        return Call(method="DELETE", path=path("configurations", name), read=nothing)


class Requests(Group[M]):
    @operation
    def put(self, request: TrainingRequest, *, if_match: str | None = None) -> Flow[TrainingRequest]:
        """As stored: its `number` is pinned. `if_match` as of networks."""
        return _put("training-requests", request, TrainingRequest, if_match)

    @operation
    def list(self) -> Flow[tuple[TrainingRequest, ...]]:
        return Call(method="GET", path=path("training-requests"), read=items(TrainingRequest))

    @operation
    def get(self, name: str) -> Flow[TrainingRequest]:
        return Call(method="GET", path=path("training-requests", name), read=document(TrainingRequest))

    @operation
    def delete(self, name: str) -> Flow[None]:
        """Refused (409) while a run of it is under way."""
        return Call(method="DELETE", path=path("training-requests", name), read=nothing)

    @operation
    def status(self, name: str) -> Flow[TrainingRequestStatus]:
        """Whether anybody reads what is announced to it, and the runs it started."""
        return Call(method="GET", path=path("training-requests", name, "status"), read=document(TrainingRequestStatus))

    @operation
    def reuse(self, name: str, stream: str) -> Flow[tuple[RunView, ...]]:
        """Train its networks on a stream that is in the registry already: a new run each."""
        return Call(
            method="POST",
            path=path("training-requests", name, "runs"),
            content=encode(ReuseRequest(stream=stream)),
            read=items(RunView),
        )


def _put(kind: str, wanted: D, as_stored: type[D], if_match: str | None) -> Call[D]:
    return Call(
        method="PUT",
        path=path(kind, wanted.name),
        content=encode_given(wanted),
        headers={} if if_match is None else {"If-Match": f'"{if_match}"'},
        read=document(as_stored),
    )
