"""The Kafka clusters a command speaks to: the control plane's documents, or what its caller says instead."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer
from msgspec.structs import replace

from fogline.document_files import read_document
from shared.documents import Cluster
from shared.errors import SettingsError

HIDDEN = "***"

BootstrapServers = Annotated[
    str | None,
    typer.Option("--bootstrap-servers", metavar="HOST:PORT,...", help="Where Kafka is, seen from here."),
]
ClusterFiles = Annotated[
    list[Path] | None,
    typer.Option("--cluster-file", metavar="FILE", help="A cluster with its secrets, used as it stands. Repeatable."),
]


def find_cluster(
    name: str, *, ask: Callable[[str], Cluster], bootstrap_servers: str | None, files: Sequence[Path]
) -> Cluster:
    """A file of this name wins, then `ask`; its addresses are replaced by `bootstrap_servers`.

    Raises SettingsError when the control plane keeps a secret of this cluster to itself.
    """
    given = {cluster.name: cluster for cluster in (read_document(file, Cluster) for file in files)}
    cluster = given.get(name) or ask(name)
    if has_hidden_secrets(cluster):
        raise SettingsError(
            f"the control plane does not show the secrets of cluster {name!r}: give them with --cluster-file"
        )
    return _moved(cluster, bootstrap_servers)


def unnamed_cluster(bootstrap_servers: str | None, files: Sequence[Path]) -> Cluster:
    """For a topic without a deployment; raises SettingsError when nothing says where it is."""
    if files:
        return _moved(read_document(files[0], Cluster), bootstrap_servers)
    if bootstrap_servers is None:
        raise SettingsError("where is that topic? Give --bootstrap-servers or --cluster-file, or run `fogline up`")
    return Cluster(name="kafka", bootstrap_servers=addresses(bootstrap_servers))


def _moved(cluster: Cluster, bootstrap_servers: str | None) -> Cluster:
    return cluster if bootstrap_servers is None else replace(cluster, bootstrap_servers=addresses(bootstrap_servers))


def addresses(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.split(",") if one.strip())


def has_hidden_secrets(cluster: Cluster) -> bool:
    secrets = (cluster.sasl and cluster.sasl.password, cluster.tls and cluster.tls.private_key)
    return HIDDEN in secrets
