"""Sites that train one network together: what is asked of them, and how far they are."""

from shared.client.answers import document, items, nothing
from shared.client.flow import Call, Flow
from shared.client.operation import Group, M, operation
from shared.client.paths import path
from shared.documents import encode_given
from shared.documents.federation import Federation
from shared.documents.federation_workloads import FederationView


class Federations(Group[M]):
    @operation
    def put(self, federation: Federation, *, if_match: str | None = None) -> Flow[FederationView]:
        """Begin it. The same again changes nothing, unless it failed or was cancelled; anything else is refused (409)
        before it is over. `if_match`: the `digest` of the document that was seen (412).
        """
        return Call(
            method="PUT",
            path=path("federations", federation.name),
            content=encode_given(federation),
            headers={} if if_match is None else {"If-Match": f'"{if_match}"'},
            read=document(FederationView),
        )

    @operation
    def list(self) -> Flow[tuple[FederationView, ...]]:
        return Call(method="GET", path=path("federations"), read=items(FederationView))

    @operation
    def get(self, name: str) -> Flow[FederationView]:
        return Call(method="GET", path=path("federations", name), read=document(FederationView))

    @operation
    def pause(self, name: str) -> Flow[FederationView]:
        """No round ends until `resume`; updates under way still arrive."""
        return _told(name, "pause")

    @operation
    def resume(self, name: str) -> Flow[FederationView]:
        """The deadline of the round under way runs anew."""
        return _told(name, "resume")

    @operation
    def cancel(self, name: str) -> Flow[FederationView]:
        """It ends with the newest model that was published; before there is one, at once."""
        return _told(name, "cancel")

    @operation
    def delete(self, name: str) -> Flow[None]:
        """Forget it; what is under way is taken from its nodes. Versions made of it and its topics stay."""
        return Call(method="DELETE", path=path("federations", name), read=nothing)


def _told(name: str, verb: str) -> Call[FederationView]:
    return Call(method="POST", path=path("federations", name, verb), read=document(FederationView))
