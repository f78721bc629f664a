"""How a node gets in, and how people do: tokens, credentials, problems, events."""

from typing import Annotated, Any

from msgspec import Meta

from shared.documents.status import NodeFacts
from shared.documents.types import ApiVersion, Document, Labels, Message, Name, Seconds


class EnrolmentTokenRequest(Document, frozen=True, kw_only=True):
    """A token enrols one node once, until it expires. `labels` are forced upon the node that uses it."""

    api_version: ApiVersion = "fogline/v1"
    expires_after_s: Seconds = 86_400.0
    labels: Labels = {}


class EnrolmentToken(Message, frozen=True, kw_only=True):
    """`token` is shown here once and stored only as a hash."""

    api_version: ApiVersion = "fogline/v1"
    token: str
    expires_at: str


class Enrolment(Message, frozen=True, kw_only=True):
    """Sent by an agent with the token as bearer; the answer is `NodeCredential`."""

    api_version: ApiVersion = "fogline/v1"
    name: Name
    labels: Labels = {}
    facts: NodeFacts = NodeFacts()


class NodeCredential(Message, frozen=True, kw_only=True):
    api_version: ApiVersion = "fogline/v1"
    name: Name
    credential: str


class LabelsUpdate(Document, frozen=True, kw_only=True):
    """The labels a node has from now on, all of them."""

    api_version: ApiVersion = "fogline/v1"
    labels: Labels


class ReportAcknowledged(Message, frozen=True, kw_only=True):
    api_version: ApiVersion = "fogline/v1"
    sequence: int
    generation: int


class ArtifactView(Message, frozen=True, kw_only=True):
    """`received_bytes` is where an upload goes on; the artifact is there when `complete`."""

    api_version: ApiVersion = "fogline/v1"
    sha256: str
    received_bytes: int
    complete: bool


class Event(Message, frozen=True, kw_only=True):
    """One change, for `GET /v1/events`. `kind` is past tense: `node_enrolled`, `assignment_changed`, ..."""

    api_version: ApiVersion = "fogline/v1"
    sequence: int
    time: str
    kind: str
    subject: str
    detail: dict[str, Any] = {}


class Problem(Message, frozen=True, kw_only=True, omit_defaults=True):
    """RFC 9457, with the offending field. Media type `application/problem+json`."""

    type: str = "about:blank"
    title: str
    status: Annotated[int, Meta(ge=400, le=599)]
    detail: str = ""
    field: str = ""
    instance: str = ""
