"""The tasks that keep a node in touch with its control plane. What runs does not need them."""

import asyncio
import logging

import msgspec

from agent import facts
from agent.enrolment import Enroller
from agent.node import Node
from shared.documents import Enrolment
from shared.errors import ControlPlaneError

logger = logging.getLogger(__name__)

# A credential that is unknown today may be known again tomorrow, when a database is restored.
REJECTED_RETRY_S = 60.0


async def call_home(node: Node) -> None:
    """Until cancelled. Raises ControlPlaneError when this node cannot enrol and has nothing to run either."""
    async with asyncio.TaskGroup() as tasks:
        looking = tasks.create_task(_look_around(node))
        if not node.control_plane.credential:
            await looking
            await _enrol_or_go_on(node)
        # Started before the facts are known: an assignment is waited for, a report is not.
        tasks.create_task(_watch(node))
        await looking
        tasks.create_task(node.reporter.run())


async def _look_around(node: Node) -> None:
    found = await asyncio.to_thread(facts.detect, node.facts.workload_kinds)
    public_key = await asyncio.to_thread(node.public_key)
    node.facts = msgspec.structs.replace(found, report_interval_s=node.facts.report_interval_s, public_key=public_key)


async def _watch(node: Node) -> None:
    """A node whose credential is rejected was removed by an operator; with a new token it comes back by itself."""
    while True:
        try:
            await node.watch.run()
        except ControlPlaneError as error:
            node.presence.lost(f"{error}; if this node was removed, give it a new token")
        if not await _enrol_again(node):
            await asyncio.sleep(REJECTED_RETRY_S)


async def _enrol_or_go_on(node: Node) -> None:
    """An edge box that answers records goes on answering them, whatever became of its credential."""
    try:
        await _enrol(node)
    except ControlPlaneError as error:
        if node.intake.assignment is None:
            raise
        logger.error("cannot enrol; what runs keeps running", extra={"reason": str(error)})


async def _enrol_again(node: Node) -> bool:
    try:
        await _enrol(node)
    except ControlPlaneError as error:
        logger.debug("not enrolled again", extra={"reason": str(error)})
        return False
    return True


async def _enrol(node: Node) -> None:
    """Spend the token, which is good for one attempt that is answered. Raises ControlPlaneError, StorageError."""
    token, node.token = node.token, ""
    if not token:
        raise ControlPlaneError("this node is not enrolled: give it a token by --token-file or FOGLINE_AGENT_TOKEN")
    enroller = Enroller(control_plane=node.control_plane, store=node.store, presence=node.presence)
    enrolment = Enrolment(name=node.name, labels=node.labels, facts=node.facts)
    node.control_plane.credential = (await enroller.enrol(token, enrolment)).credential
