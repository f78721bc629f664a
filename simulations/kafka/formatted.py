"""What Kafka writes when it formats a node, kept and copied: to have it written again takes a second of Java.

`bootstrap.checkpoint` is the same for every node of this Kafka whose settings are the usual ones; `meta.properties`
(KIP-631, KIP-858) says which node of which cluster, and which directory, this is.
"""

import shutil
from pathlib import Path

from simulations.kafka.identifiers import new_id
from simulations.kafka.node import Node

IDENTITY = "meta.properties"
FILES = ("bootstrap.checkpoint", IDENTITY)


def keep(node: Node, folder: Path) -> None:
    """The files of a node that Kafka formatted."""
    for name in FILES:
        shutil.copyfile(node.data / name, folder / name)


def copy(folder: Path, node: Node, cluster_id: str) -> None:
    """What was kept in `folder`, as if Kafka had formatted `node`; last its identity: with that it is formatted."""
    own = {"cluster.id": cluster_id, "node.id": str(node.node_id), "directory.id": new_id()}
    lines = [line for line in (folder / IDENTITY).read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    kept = dict(line.split("=", 1) for line in lines)
    node.data.mkdir(exist_ok=True)
    for name in FILES:
        if name != IDENTITY:
            shutil.copyfile(folder / name, node.data / name)
    (node.data / IDENTITY).write_text("".join(f"{key}={value}\n" for key, value in (kept | own).items()))
