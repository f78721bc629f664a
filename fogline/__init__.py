"""The door: command line and Python client.

    import fogline

    with fogline.connect() as client:
        client.deployments.put(fogline.Deployment(...))

What needs an HTTP library or Kafka is loaded when it is first used.
"""

# ruff: noqa: E402 - `shared` is imported once it is known to be ours

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from fogline.own_packages import require_own_packages

require_own_packages(Path(__file__).resolve().parents[1])

from shared.documents import (
    Artifact,
    ArtifactFormat,
    ArtifactView,
    Assignment,
    Batching,
    Cluster,
    Decoder,
    DecoderKind,
    Delivery,
    Deployment,
    DeploymentPlan,
    DeploymentStatus,
    DeploymentView,
    DType,
    EnrolmentToken,
    EnrolmentTokenRequest,
    Event,
    ExitPolicy,
    FeaturesEncoding,
    Measure,
    ModelManifest,
    ModelVersion,
    NodeState,
    NodeView,
    Phase,
    Precision,
    Sasl,
    SaslMechanism,
    SecurityProtocol,
    SubModel,
    Task,
    TensorSpec,
    TierSpec,
    Tls,
    TopicDefaults,
    Uplink,
    UplinkMode,
)
from shared.errors import (
    ArtifactError,
    ClusterError,
    ControlPlaneError,
    DocumentError,
    FoglineError,
    ModelError,
    RecordError,
    SettingsError,
    StorageError,
    UnavailableError,
)

if TYPE_CHECKING:
    from fogline.context import connect, connect_async
    from fogline.stream import Stream
    from shared.client import (
        AsyncClient,
        Client,
        ControlPlaneUnreachableError,
        DeadlineExceededError,
        read_manifest,
    )

_LAZY = {
    "AsyncClient": "shared.client",
    "Client": "shared.client",
    "ControlPlaneUnreachableError": "shared.client",
    "DeadlineExceededError": "shared.client",
    "Stream": "fogline.stream",
    "connect": "fogline.context",
    "connect_async": "fogline.context",
    "read_manifest": "shared.client",
}

__all__ = [
    "Artifact",
    "ArtifactError",
    "ArtifactFormat",
    "ArtifactView",
    "Assignment",
    "AsyncClient",
    "Batching",
    "Client",
    "Cluster",
    "ClusterError",
    "ControlPlaneError",
    "ControlPlaneUnreachableError",
    "DType",
    "DeadlineExceededError",
    "Decoder",
    "DecoderKind",
    "Delivery",
    "Deployment",
    "DeploymentPlan",
    "DeploymentStatus",
    "DeploymentView",
    "DocumentError",
    "EnrolmentToken",
    "EnrolmentTokenRequest",
    "Event",
    "ExitPolicy",
    "FeaturesEncoding",
    "FoglineError",
    "Measure",
    "ModelError",
    "ModelManifest",
    "ModelVersion",
    "NodeState",
    "NodeView",
    "Phase",
    "Precision",
    "RecordError",
    "Sasl",
    "SaslMechanism",
    "SecurityProtocol",
    "SettingsError",
    "StorageError",
    "Stream",
    "SubModel",
    "Task",
    "TensorSpec",
    "TierSpec",
    "Tls",
    "TopicDefaults",
    "UnavailableError",
    "Uplink",
    "UplinkMode",
    "connect",
    "connect_async",
    "read_manifest",
]


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LAZY[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
