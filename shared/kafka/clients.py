"""Consumers, producers and admin clients, with the bounds that the agent's promises rest on.

The figures were found by trying aiokafka 0.14 against a real broker; each constant says what it guards.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from shared.documents import Cluster
from shared.kafka import header_names
from shared.kafka.errors import translated
from shared.kafka.security import security_settings

# After a broker or a network went away, how long one request hangs on it.
REQUEST_TIMEOUT_MS = 10_000
# A join waits for the slowest member to drain, so a consumer's requests must outlast the rebalance.
REBALANCE_TIMEOUT_MS = 30_000
JOIN_TIMEOUT_MS = 40_000
# How long the partitions of a killed member lie idle. Heartbeats run beside the longest batch.
SESSION_TIMEOUT_MS = 6_000
HEARTBEAT_INTERVAL_MS = 2_000
# A waiting record is seen this late after `resume`; the default of 500 was measured as 306 to 487 ms.
FETCH_MAX_WAIT_MS = 50
# A little under the broker's default limit for one batch, 1,048,588 bytes.
MAX_BATCH_BYTES = 1_000_000
# The first produce of a transaction is often refused once; the default of 100 shows in p99.
TRANSACTION_BACKOFF_MS = 10
# How long the partitions of a killed transactional producer hide records from readers of committed ones.
TRANSACTION_TIMEOUT_MS = 10_000
# What a client that is cancelled while it connects is still given: a few round trips of a slow link.
_START_LEFT_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumerBounds:
    """How much may wait in memory, how old a member may grow unheard, and how long it may drain.

    `fetch_max_wait_ms`: how long a broker without records keeps a request. Over a link whose round trip is longer, most
    requests would be on their way when a record comes.
    """

    fetch_max_bytes: int = 2_097_152
    max_partition_fetch_bytes: int = 1_048_576
    session_timeout_ms: int = SESSION_TIMEOUT_MS
    rebalance_timeout_ms: int = REBALANCE_TIMEOUT_MS
    fetch_max_wait_ms: int = FETCH_MAX_WAIT_MS


def consumer(
    cluster: Cluster,
    *,
    group: str | None,
    start_offset: Literal["earliest", "latest"] = "earliest",
    read_committed: bool = False,
    client_id: str = "fogline",
    bounds: ConsumerBounds | None = None,
) -> AIOKafkaConsumer:
    """Not started, not subscribed, never committing by itself."""
    header_names.install()
    bounds = bounds or ConsumerBounds()
    return AIOKafkaConsumer(
        **_common(cluster, client_id),
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset=start_offset,
        isolation_level="read_committed" if read_committed else "read_uncommitted",
        request_timeout_ms=JOIN_TIMEOUT_MS,
        session_timeout_ms=bounds.session_timeout_ms,
        heartbeat_interval_ms=min(HEARTBEAT_INTERVAL_MS, bounds.session_timeout_ms // 3),
        rebalance_timeout_ms=bounds.rebalance_timeout_ms,
        fetch_max_wait_ms=bounds.fetch_max_wait_ms,
        fetch_max_bytes=bounds.fetch_max_bytes,
        max_partition_fetch_bytes=bounds.max_partition_fetch_bytes,
    )


def producer(
    cluster: Cluster,
    *,
    transactional_id: str | None = None,
    compression: Literal["gzip"] | None = None,
    max_batch_bytes: int = MAX_BATCH_BYTES,
    request_timeout_ms: int = REQUEST_TIMEOUT_MS,
    client_id: str = "fogline",
) -> AIOKafkaProducer:
    """Not started. Idempotent, so a retry neither doubles nor reorders; it never expires by itself.

    A request holds a batch for each Kafka partition that a broker leads, and must arrive within its timeout.
    """
    settings: dict[str, Any] = {}
    if transactional_id is not None:
        settings = {
            "transactional_id": transactional_id,
            "transaction_timeout_ms": TRANSACTION_TIMEOUT_MS,
            "retry_backoff_ms": TRANSACTION_BACKOFF_MS,
        }
    return AIOKafkaProducer(
        **_common(cluster, client_id),
        enable_idempotence=True,
        linger_ms=0,
        max_batch_size=max_batch_bytes,
        compression_type=compression,
        request_timeout_ms=request_timeout_ms,
        **settings,
    )


@asynccontextmanager
async def admin(
    cluster: Cluster, *, client_id: str = "fogline", request_timeout_ms: int = REQUEST_TIMEOUT_MS
) -> AsyncIterator[AIOKafkaAdminClient]:
    """Connected for the length of the block; errors inside leave it as ClusterError."""
    with translated(cluster.name):
        client = AIOKafkaAdminClient(**_common(cluster, client_id), request_timeout_ms=request_timeout_ms)
        try:
            await connect(client)
            yield client
        finally:
            await client.close()


async def connect(client: AIOKafkaProducer | AIOKafkaConsumer | AIOKafkaAdminClient) -> None:
    """`client.start()`; cancelled, it ends once aiokafka has, or after a second.

    aiokafka 0.14 forgets its first connection when it is cancelled in the middle of it, and leaves it open.
    """
    starting = asyncio.ensure_future(client.start())
    try:
        await asyncio.shield(starting)
    except asyncio.CancelledError:
        await asyncio.wait([starting], timeout=_START_LEFT_S)
        raise
    finally:
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)


def is_connected(client: AIOKafkaConsumer) -> bool:
    """Whether any broker is: a started consumer raises nothing while it tries, and has no public name for this."""
    return any(connection.connected() for connection in client._client._conns.values())


async def stop_within(client: AIOKafkaProducer | AIOKafkaConsumer, timeout_s: float) -> None:
    """Stop a client whether or not its broker answers: what it has not sent by then is given up.

    `stop()` of a producer waits for ever for a broker that is away, so past the time its sending task, which has no
    public name, is cancelled and the connections are closed under it. `stop()` of a consumer of aiokafka 0.14 ends as
    if it were cancelled itself when its fetches wait for a broker that is away, and leaves its connections open.
    """
    stopping = asyncio.ensure_future(client.stop())
    await asyncio.wait([stopping], timeout=timeout_s)
    if isinstance(client, AIOKafkaProducer):
        _hear(client)
    if stopping.done() and not stopping.cancelled():
        with translated("stopping"):
            stopping.result()
        return
    stopping.cancel()
    await asyncio.wait([stopping])
    if isinstance(client, AIOKafkaProducer):
        await _abandon(client)
    else:
        await client._client.close()


def _hear(producer: AIOKafkaProducer) -> None:
    """A producer that is fenced tells it to each future that it has, and nobody awaits more than one of them: of the
    others, the transaction's and those of batches that were never sent, asyncio would complain in the log.
    """
    waiting = [one._drain_waiter for some in producer._message_accumulator._batches.values() for one in some]
    if producer._txn_manager is not None:
        waiting.append(producer._txn_manager._transaction_waiter)
    for one in waiting:
        if one is not None and one.done() and not one.cancelled():
            one.exception()


async def _abandon(producer: AIOKafkaProducer) -> None:
    sending = producer._sender.sender_task
    if sending is not None and not sending.done():
        sending.cancel()
        await asyncio.wait([sending], timeout=1.0)
    await producer.client.close()
    # `stop()` leaves one behind that waits for batches which nobody sends any more: asyncio would complain in the log.
    left = [task for task in asyncio.all_tasks() if _of(task.get_coro()) is producer._message_accumulator]
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


def _of(coroutine: object) -> object:
    """Whose method it is; None where it has ended, or is no method."""
    frame = getattr(coroutine, "cr_frame", None)
    return None if frame is None else frame.f_locals.get("self")


def _common(cluster: Cluster, client_id: str) -> dict[str, Any]:
    return {
        "bootstrap_servers": list(cluster.bootstrap_servers),
        "client_id": client_id,
        **security_settings(cluster),
    }
