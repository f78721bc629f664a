"""A node's own view of named clusters: its settings override the assignment's, field by field. Pure."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from shared.documents import Cluster, SaslMechanism, SecurityProtocol
from shared.documents.types import Count, Document
from shared.errors import SettingsError


class SaslOverride(Document, frozen=True, kw_only=True):
    mechanism: SaslMechanism | UnsetType = UNSET
    username: str | UnsetType = UNSET
    password: str | UnsetType = UNSET

    def __repr__(self) -> str:
        return f"SaslOverride(mechanism={self.mechanism!r}, username={self.username!r}, password='***')"


class TlsOverride(Document, frozen=True, kw_only=True):
    ca: str | UnsetType = UNSET
    certificate: str | UnsetType = UNSET
    private_key: str | UnsetType = UNSET
    verify_host_name: bool | UnsetType = UNSET

    def __repr__(self) -> str:
        return f"TlsOverride(verify_host_name={self.verify_host_name!r}, private_key='***')"


class TopicDefaultsOverride(Document, frozen=True, kw_only=True):
    create: bool | UnsetType = UNSET
    replication_factor: Count | UnsetType = UNSET
    partitions: Count | UnsetType = UNSET


class ClusterOverride(Document, frozen=True, kw_only=True):
    """What stands here wins over the field of the same name in `Cluster`."""

    bootstrap_servers: Annotated[tuple[str, ...], Meta(min_length=1)] | UnsetType = UNSET
    security_protocol: SecurityProtocol | UnsetType = UNSET
    sasl: SaslOverride | UnsetType = UNSET
    tls: TlsOverride | UnsetType = UNSET
    topics: TopicDefaultsOverride | UnsetType = UNSET


def localise(clusters: tuple[Cluster, ...], overrides: Mapping[str, ClusterOverride]) -> tuple[Cluster, ...]:
    """The clusters as this node reaches them; raises SettingsError when an override makes no valid cluster."""
    return tuple(override(one, overrides[one.name]) if one.name in overrides else one for one in clusters)


def own(name: str, overrides: Mapping[str, ClusterOverride]) -> Cluster:
    """A cluster that nobody but this node knows. Raises SettingsError unless its settings say all there is to say."""
    if name not in overrides:
        raise SettingsError(f"clusters.{name} is not in this node's settings: say there where this site's Kafka is")
    try:
        return msgspec.convert({"name": name, **msgspec.to_builtins(overrides[name])}, Cluster)
    except msgspec.ValidationError as error:
        raise SettingsError(f"clusters.{name} in this node's settings: {error}") from error


def override(cluster: Cluster, mine: ClusterOverride) -> Cluster:
    merged = _merge(msgspec.to_builtins(cluster), msgspec.to_builtins(mine))
    try:
        return msgspec.convert(merged, Cluster)
    except msgspec.ValidationError as error:
        raise SettingsError(f"clusters.{cluster.name} in this node's settings: {error}") from error


def _merge(under: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    return under | {name: _merged(under.get(name), value) for name, value in over.items()}


def _merged(under: Any, over: Any) -> Any:  # noqa: ANN401 - any JSON value
    return _merge(under or {}, over) if isinstance(over, Mapping) else over
