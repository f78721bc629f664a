"""Documents to tables a person can read, one file for each noun."""

from fogline.tables.answers import summary
from fogline.tables.clusters import clusters
from fogline.tables.deployments import deployments, plan, readiness, status
from fogline.tables.models import model, models
from fogline.tables.nodes import node, nodes
from fogline.tables.shape import card, table

__all__ = [
    "card",
    "clusters",
    "deployments",
    "model",
    "models",
    "node",
    "nodes",
    "plan",
    "readiness",
    "status",
    "summary",
    "table",
]
