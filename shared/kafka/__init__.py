"""The one place where Kafka clients are made, from a `documents.Cluster`."""

from shared.kafka.clients import ConsumerBounds, admin, connect, consumer, is_connected, producer, stop_within
from shared.kafka.errors import ClusterRefusedError, FencedError, cluster_error, translated
from shared.kafka.keeping import Keeping, keeping
from shared.kafka.topics import cluster_id, ensure_topic

__all__ = [
    "ClusterRefusedError",
    "ConsumerBounds",
    "FencedError",
    "Keeping",
    "admin",
    "cluster_error",
    "cluster_id",
    "connect",
    "consumer",
    "ensure_topic",
    "is_connected",
    "keeping",
    "producer",
    "stop_within",
    "translated",
]
