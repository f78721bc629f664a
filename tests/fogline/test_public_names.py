"""`import fogline`: what it gives, and what it does not load."""

import subprocess
import sys

import pytest

import fogline

NAMES = [
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


def test_the_public_names_are_these() -> None:
    assert sorted(fogline.__all__) == sorted(NAMES)
    assert dir(fogline) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(fogline, name)


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        fogline.Nothing  # noqa: B018 - looking is the test


def loaded_by(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint(*(name for name in sys.modules if '.' not in name))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split())


def test_importing_fogline_loads_neither_an_http_library_nor_kafka_nor_numpy() -> None:
    assert not loaded_by("import fogline; fogline.Deployment") & {"httpx", "aiokafka", "numpy", "typer", "rich"}


def test_the_client_loads_an_http_library_and_nothing_heavier() -> None:
    loaded = loaded_by("import fogline; fogline.Client")
    assert "httpx" in loaded
    assert not loaded & {"aiokafka", "numpy", "typer", "fastapi", "pydantic"}
