"""A named Kafka cluster: what a name means to every client made from it."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from shared.documents.types import ApiVersion, Count, Document, Name


class SecurityProtocol(StrEnum):
    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_PLAINTEXT = "SASL_PLAINTEXT"
    SASL_SSL = "SASL_SSL"


class SaslMechanism(StrEnum):
    PLAIN = "PLAIN"
    SCRAM_SHA_256 = "SCRAM-SHA-256"
    SCRAM_SHA_512 = "SCRAM-SHA-512"


class Sasl(Document, frozen=True, kw_only=True):
    mechanism: SaslMechanism
    username: str
    password: str = ""

    def __repr__(self) -> str:
        return f"Sasl(mechanism={self.mechanism.value!r}, username={self.username!r}, password='***')"


class Tls(Document, frozen=True, kw_only=True):
    """PEM texts. Without `ca`, the machine's own certificate authorities are trusted."""

    ca: str | None = None
    certificate: str | None = None
    private_key: str | None = None
    verify_host_name: bool = True

    def __repr__(self) -> str:
        return f"Tls(ca={bool(self.ca)}, certificate={bool(self.certificate)}, private_key='***')"


class TopicDefaults(Document, frozen=True, kw_only=True):
    """How topics are made on this cluster; `create=False` where only its operator may.

    Without a `replication_factor`, as many replicas as there are brokers, three at the most: a broker's death is to
    lose no topic, and one broker is to be enough.
    """

    create: bool = True
    replication_factor: Count | None = None
    partitions: Count = 1


class Cluster(Document, frozen=True, kw_only=True):
    """Secrets may be left out here and stand in a node's own settings instead, which override field by field."""

    api_version: ApiVersion = "fogline/v1"
    name: Name
    bootstrap_servers: Annotated[
        tuple[Annotated[str, Meta(pattern=r"^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+):[0-9]{1,5}$(?!\n)")], ...],
        Meta(min_length=1),
    ]
    security_protocol: SecurityProtocol = SecurityProtocol.PLAINTEXT
    sasl: Sasl | None = None
    tls: Tls | None = None
    topics: TopicDefaults = TopicDefaults()

    def __post_init__(self) -> None:
        if "SASL" in self.security_protocol and self.sasl is None:
            raise ValueError(f"security_protocol {self.security_protocol} needs `sasl`")
