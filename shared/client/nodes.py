"""Boxes that run an agent, and the tokens that let them in."""

from collections.abc import Mapping

from shared.client.answers import document, items, nothing
from shared.client.flow import Call, Flow
from shared.client.operation import Group, M, operation
from shared.client.paths import path
from shared.documents import (
    Assignment,
    Enrolment,
    EnrolmentToken,
    EnrolmentTokenRequest,
    LabelsUpdate,
    NodeCredential,
    NodeView,
    encode,
)


class Tokens(Group[M]):
    @operation
    def create(self, request: EnrolmentTokenRequest | None = None) -> Flow[EnrolmentToken]:
        """A token for one node, once. It is shown here and never again."""
        return Call(
            method="POST",
            path=path("enrolment-tokens"),
            content=encode(request or EnrolmentTokenRequest()),
            read=document(EnrolmentToken),
        )


class Nodes(Group[M]):
    @operation
    def enrol(self, enrolment: Enrolment, *, token: str) -> Flow[NodeCredential]:
        """What an agent does with its token on its first start."""
        return Call(
            method="POST",
            path=path("nodes"),
            content=encode(enrolment),
            bearer=token,
            read=document(NodeCredential),
        )

    @operation
    def list(self) -> Flow[tuple[NodeView, ...]]:
        return Call(method="GET", path=path("nodes"), read=items(NodeView))

    @operation
    def get(self, name: str) -> Flow[NodeView]:
        return Call(method="GET", path=path("nodes", name), read=document(NodeView))

    @operation
    def label(self, name: str, labels: Mapping[str, str]) -> Flow[NodeView]:
        """The labels it has from now on, all of them."""
        content = encode(LabelsUpdate(labels=dict(labels)))
        return Call(method="PUT", path=path("nodes", name, "labels"), content=content, read=document(NodeView))

    @operation
    def drain(self, name: str) -> Flow[NodeView]:
        """Its workloads go elsewhere and it is given no new ones, until `undrain`."""
        return Call(method="POST", path=path("nodes", name, "drain"), read=document(NodeView))

    @operation
    def undrain(self, name: str) -> Flow[NodeView]:
        return Call(method="POST", path=path("nodes", name, "undrain"), read=document(NodeView))

    @operation
    def confirm_generation(self, name: str) -> Flow[NodeView]:
        """Accept that a control plane restored from an older copy goes on above the highest generation of this node."""
        return Call(method="POST", path=path("nodes", name, "confirm-generation"), read=document(NodeView))

    @operation
    def remove(self, name: str) -> Flow[None]:
        """Its credential dies at once and its workloads are placed anew."""
        return Call(method="DELETE", path=path("nodes", name), read=nothing)

    @operation
    def assignment(self, name: str) -> Flow[Assignment]:
        """What it must run, as the control plane has it now."""
        return Call(method="GET", path=path("nodes", name, "assignment"), read=document(Assignment))
