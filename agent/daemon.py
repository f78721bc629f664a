"""The daemon: own store first, home second; drain on the first signal; one owner for every task."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from agent import systemd
from agent.clock import Clock
from agent.home import call_home
from agent.metrics_server import metrics_server
from agent.node import Node
from agent.settings import Settings
from agent.signals import stop_signals
from agent.state_lock import state_lock
from agent.systemd import ServiceManager
from agent.traces import Traces
from agent.workloads import Kind
from shared.errors import FoglineError

logger = logging.getLogger(__name__)


async def serve(
    settings: Settings, *, kinds: Mapping[str, Kind], service: ServiceManager, traces: Traces | None = None
) -> None:
    """Until a signal asked for a drain and everything has drained. Raises FoglineError."""
    try:
        with state_lock(settings.state_dir), stop_signals() as stopping:
            node = Node(settings, kinds=kinds, clock=Clock(), traces=traces)
            async with metrics_page(settings, node):
                await _serve(node, stopping, service)
    except ExceptionGroup as group:
        raise _one_of(group) from group


async def _serve(node: Node, stopping: asyncio.Event, service: ServiceManager) -> None:
    async with asyncio.TaskGroup() as tasks:
        # 1. What ran before the boot runs again, whoever else is up.
        node.resume()
        running = tasks.create_task(node.runners.run())
        service.notify(systemd.READY)
        beside = [tasks.create_task(one) for one in (call_home(node), node.tidier.run(), _feed_watchdog(service))]
        # 2. Everything else happens in those tasks, until a signal.
        await stopping.wait()
        service.notify(systemd.STOPPING)
        # 3. Drain, saying so; then tell the last of it and go.
        await node.runners.drain()
        for task in beside:
            task.cancel()
        await asyncio.wait(beside)
        await node.reporter.farewell()
        await node.control_plane.close()
        running.cancel()
    logger.info("stopped")


async def _feed_watchdog(service: ServiceManager) -> None:
    """From the loop itself: should anything block it, systemd hears nothing and restarts the agent."""
    while service.watchdog_s is not None:
        service.notify(systemd.WATCHDOG)
        await asyncio.sleep(service.watchdog_s / 2)


@asynccontextmanager
async def metrics_page(settings: Settings, node: Node) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        if settings.metrics_port is not None:
            page = metrics_server(node.metrics, host=settings.metrics_host, port=settings.metrics_port)
            port = await stack.enter_async_context(page)
            logger.info("metrics", extra={"url": f"http://{settings.metrics_host}:{port}/metrics"})
        yield


def _one_of(group: ExceptionGroup[Exception]) -> Exception:
    """The error a person can act on, if there is one; otherwise the first."""
    flat = list(_flat(group))
    return next((error for error in flat if isinstance(error, FoglineError)), flat[0])


def _flat(group: ExceptionGroup[Exception]) -> list[Exception]:
    parts = ([*_flat(one)] if isinstance(one, ExceptionGroup) else [one] for one in group.exceptions)
    return [error for part in parts for error in part]
