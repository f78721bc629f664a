"""How long a topic keeps what is written to it."""

from dataclasses import dataclass

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

_NAMES = ("cleanup.policy", "retention.ms", "retention.bytes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """None is for ever, or however much; `partition_bytes` is for each Kafka partition.

    A topic that `is_compacted` loses every record but the last one of each key.
    """

    is_compacted: bool
    seconds: float | None
    partition_bytes: int | None


async def keeping(client: AIOKafkaAdminClient, topic: str) -> Keeping | None:
    """None where the cluster tells us nothing of it: not every principal may describe settings."""
    resource = ConfigResource(ConfigResourceType.TOPIC, topic, dict.fromkeys(_NAMES))
    (response,) = await client.describe_configs([resource])
    ((code, _, _, _, entries),) = response.resources
    found = {name: value for name, value, *_ in entries}
    if code or not found.keys() >= set(_NAMES):
        return None
    milliseconds, partition_bytes = int(found["retention.ms"]), int(found["retention.bytes"])
    expires = "delete" in found["cleanup.policy"]
    return Keeping(
        is_compacted="compact" in found["cleanup.policy"],
        seconds=milliseconds / 1000 if expires and milliseconds >= 0 else None,
        partition_bytes=partition_bytes if expires and partition_bytes >= 0 else None,
    )
