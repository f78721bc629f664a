"""When a cluster is truly ready.

A broker listens about half a second before it can serve: it may still be fenced, and the group coordinator answers
"not available" until its topic has a leader. Here every condition is asked for, at short intervals, until it holds.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from shared.kafka import connect

INTERVAL_S = 0.05
GROUP, TRANSACTION = 0, 1


async def until_cluster_ready(
    bootstrap_servers: str, cluster_id: str, node_ids: Iterable[int], require_alive: Callable[[], None]
) -> None:
    """Until every node is a broker in service and both coordinators answer. Runs until cancelled by a deadline.

    Another cluster that took our port is not ours. Raises what `require_alive` raises, asked at each interval.
    """
    wanted = set(node_ids)
    await _until_listening(bootstrap_servers, require_alive)
    async with _admin(bootstrap_servers, require_alive) as admin:
        while not await _is_ready(admin, cluster_id, wanted):
            require_alive()
            await asyncio.sleep(INTERVAL_S)


async def until_leaders(
    bootstrap_servers: str, topics: Iterable[str], in_sync: int, require_alive: Callable[[], None]
) -> None:
    """Until each partition of each topic has a leader and at least `in_sync` replicas that follow it."""
    names = list(topics)
    async with _admin(bootstrap_servers, require_alive) as admin:
        while not await _are_led(admin, names, in_sync):
            require_alive()
            await asyncio.sleep(INTERVAL_S)


async def _is_ready(admin: AIOKafkaAdminClient, cluster_id: str, wanted: set[int]) -> bool:
    try:
        cluster = await admin.describe_cluster()
        await admin.find_coordinator("fogline-readiness", GROUP)
        await admin.find_coordinator("fogline-readiness", TRANSACTION)
    except KafkaError:
        return False
    return cluster["cluster_id"] == cluster_id and wanted <= {broker["node_id"] for broker in cluster["brokers"]}


async def _are_led(admin: AIOKafkaAdminClient, topics: list[str], in_sync: int) -> bool:
    try:
        described = await admin.describe_topics(topics)
    except KafkaError:
        return False
    return all(
        topic["error_code"] == 0
        and all(partition["leader"] >= 0 and len(partition["isr"]) >= in_sync for partition in topic["partitions"])
        for topic in described
    )


async def _until_listening(bootstrap_servers: str, require_alive: Callable[[], None]) -> None:
    for address in bootstrap_servers.split(","):
        while not await _is_listening(address):
            require_alive()
            await asyncio.sleep(INTERVAL_S)


async def _is_listening(address: str) -> bool:
    host, port = address.rsplit(":", 1)
    try:
        _, writer = await asyncio.open_connection(host, int(port))
    except OSError:
        return False
    writer.close()
    return True


@asynccontextmanager
async def _admin(bootstrap_servers: str, require_alive: Callable[[], None]) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers, request_timeout_ms=5000)
    try:
        while not await _is_connected(admin):
            require_alive()
            await asyncio.sleep(INTERVAL_S)
        yield admin
    finally:
        await admin.close()


async def _is_connected(admin: AIOKafkaAdminClient) -> bool:
    try:
        await connect(admin)
    except KafkaError:
        return False
    return True
