"""Kafka clusters. Pure."""

from collections.abc import Iterable

from rich.console import RenderableType

from fogline.tables.shape import table
from shared.documents import Cluster


def clusters(documents: Iterable[Cluster]) -> RenderableType:
    return table(
        ("cluster", "bootstrap servers", "security", "topics may be made", "replication"),
        (
            (
                one.name,
                ", ".join(one.bootstrap_servers),
                one.security_protocol.value,
                "yes" if one.topics.create else "no",
                "up to 3" if one.topics.replication_factor is None else str(one.topics.replication_factor),
            )
            for one in documents
        ),
        empty="No clusters yet: `fogline clusters put FILE`.",
    )
