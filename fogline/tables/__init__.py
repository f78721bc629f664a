"""Documents to tables a person can read, one file for each noun."""

from fogline.tables.answers import summary
from fogline.tables.clusters import clusters
from fogline.tables.deployments import deployments, plan, readiness, status
from fogline.tables.models import lineage, model, models
from fogline.tables.networks import configurations, network, networks
from fogline.tables.nodes import node, nodes
from fogline.tables.requests import request, requests
from fogline.tables.runs import run, runs
from fogline.tables.shape import card, table
from fogline.tables.streams import stream, streams

__all__ = [
    "card",
    "clusters",
    "configurations",
    "deployments",
    "lineage",
    "model",
    "models",
    "network",
    "networks",
    "node",
    "nodes",
    "plan",
    "readiness",
    "request",
    "requests",
    "run",
    "runs",
    "status",
    "stream",
    "streams",
    "summary",
    "table",
]
