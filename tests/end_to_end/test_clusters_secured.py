"""The whole continuum over SASL and TLS, the password in each node's own settings and nowhere else."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from numpy.typing import NDArray

from shared.documents import Cluster, Deployment, Sasl, SaslMechanism, SecurityProtocol, Tls
from simulations.demo.example import Example
from simulations.kafka import certificates
from simulations.kafka.cluster import KafkaCluster
from simulations.kafka.security import Security
from simulations.stack import Stack
from tests.end_to_end.driving import deploy, on_one_cluster
from tests.end_to_end.traffic import Traffic

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

USER, PASSWORD = "fogline", "correct horse battery staple"


@pytest.fixture(scope="module")
def secured() -> Iterator[tuple[KafkaCluster, Cluster]]:
    """A broker with a SASL_SSL listener, and the document of a client that may use it."""
    made = certificates.make()
    with KafkaCluster(security=Security(username=USER, password=PASSWORD, certificates=made)) as kafka:
        servers = kafka.secure_bootstrap_servers("SASL_SSL")
        yield (
            kafka,
            Cluster(
                name="edge",
                bootstrap_servers=tuple(servers.split(",")),
                security_protocol=SecurityProtocol.SASL_SSL,
                sasl=Sasl(mechanism=SaslMechanism.SCRAM_SHA_512, username=USER, password=PASSWORD),
                tls=Tls(ca=made.ca),
            ),
        )


async def test_secrets_of_a_node_s_own_settings_reach_every_client(
    secured: tuple[KafkaCluster, Cluster],
    tmp_path: Path,
    example: Example,
    deployment: Deployment,
    images: NDArray[Any],
) -> None:
    """1. the control plane knows the cluster without its password; 2. each node has it in its settings; 3. all is
    answered over TLS; 4. the password stands in no log and in no file but the settings."""
    kafka, cluster = secured
    assert cluster.sasl is not None
    public = msgspec.structs.replace(cluster, sasl=msgspec.structs.replace(cluster.sasl, password=""))
    settings = tmp_path / "agent.toml"
    settings.write_text(f'[clusters.edge]\nsasl = {{ password = "{PASSWORD}" }}\n')
    agents = {f"{tier}-1": {"tier": tier} for tier in ("edge", "fog", "cloud")}
    with Stack(
        tmp_path, agents=agents, bootstrap_servers=kafka.bootstrap_servers, agent_flags=("--settings", str(settings))
    ) as stack:
        with stack.client() as client:
            client.clusters.put(public)
            client.models.register(example.manifest, example.folder)
        deployment = on_one_cluster(deployment)
        deploy(stack, deployment)
        traffic = Traffic(deployment=deployment, cluster=cluster)
        ids = await traffic.send(image.tobytes() for image in images[:200])
        outcome = await traffic.outcome(ids)
    assert set(outcome.answers) == set(ids)
    assert files_with(PASSWORD, tmp_path) == [settings]


def files_with(text: str, folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]
