"""Named Kafka clusters. Secrets are shown as `***`, and a `***` that is put keeps what is stored."""

from shared.client.answers import document, items, nothing
from shared.client.flow import Call, Flow
from shared.client.operation import Group, M, operation
from shared.client.paths import path
from shared.documents import Cluster, encode_given


class Clusters(Group[M]):
    @operation
    def put(self, cluster: Cluster) -> Flow[Cluster]:
        content = encode_given(cluster)
        return Call(method="PUT", path=path("clusters", cluster.name), content=content, read=document(Cluster))

    @operation
    def list(self) -> Flow[tuple[Cluster, ...]]:
        return Call(method="GET", path=path("clusters"), read=items(Cluster))

    @operation
    def get(self, name: str) -> Flow[Cluster]:
        return Call(method="GET", path=path("clusters", name), read=document(Cluster))

    @operation
    def delete(self, name: str) -> Flow[None]:
        return Call(method="DELETE", path=path("clusters", name), read=nothing)
