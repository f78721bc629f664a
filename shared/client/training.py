"""What is to be trained: networks, configurations of them, and requests that wait for streams."""

from shared.client.answers import document, items, nothing
from shared.client.flow import Call, Flow
from shared.client.operation import Group, M, operation
from shared.client.paths import path
from shared.documents import Configuration, NetworkSource, ReuseRequest, RunView, TrainingRequest, encode


class Networks(Group[M]):
    @operation
    def put(self, network: NetworkSource) -> Flow[NetworkSource]:
        """Its files must have been uploaded. What is put changes later runs, none that is there."""
        return Call(
            method="PUT", path=path("networks", network.name), content=encode(network), read=document(NetworkSource)
        )

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
    def put(self, configuration: Configuration) -> Flow[Configuration]:
        return Call(
            method="PUT",
            path=path("configurations", configuration.name),
            content=encode(configuration),
            read=document(Configuration),
        )

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
    def put(self, request: TrainingRequest) -> Flow[TrainingRequest]:
        """As stored: its `number` is pinned."""
        return Call(
            method="PUT",
            path=path("training-requests", request.name),
            content=encode(request),
            read=document(TrainingRequest),
        )

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
    def reuse(self, name: str, stream: str) -> Flow[tuple[RunView, ...]]:
        """Train its networks on a stream that is in the registry already: a new run each."""
        return Call(
            method="POST",
            path=path("training-requests", name, "runs"),
            content=encode(ReuseRequest(stream=stream)),
            read=items(RunView),
        )
