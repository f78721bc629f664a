"""The demo from nothing to a summary, in numbered steps."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from shared import topics
from shared.documents import Deployment
from shared.errors import FoglineError
from simulations.demo.example import Example
from simulations.demo.feed import Sample, feed
from simulations.demo.observer import observe
from simulations.demo.scoreboard import Figures, Scoreboard
from simulations.stack import Say, Stack

LOOK_EVERY_S = 0.25
READY_DEADLINE_S = 60.0
# After the last record was sent, how long answers may still come.
ANSWERS_DEADLINE_S = 30.0

Show = Callable[[Figures], None]


class AnswersMissingError(FoglineError):
    """Records that were sent were not answered in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """`rate` is in records a second."""

    records: int = 4000
    rate: float = 200.0


def deploy(stack: Stack, example: Example, *, say: Say) -> Deployment:
    """Clusters, model, deployment: by the same HTTP API that everybody uses. Returns once all of it runs."""
    with stack.client() as client:
        # 1. Say what the cluster names mean.
        for name in sorted({tier.cluster for tier in example.deployment.tiers}):
            client.clusters.put(stack.cluster(name))
        # 2. Upload the sub-models; each is verified by its digest.
        say(f"uploading {example.manifest.name}")
        client.models.register(example.manifest, example.folder)
        # 3. Deploy, and wait until every tier answers to it.
        say("deploying")
        view = client.deployments.put(example.deployment)
        client.deployments.wait_until_ready(view.deployment.name, deadline_s=READY_DEADLINE_S)
        return view.deployment


async def stream(stack: Stack, example: Example, deployment: Deployment, load: Load, *, show: Show) -> Figures:
    """Send the sample and show the figures as they grow; raises AnswersMissingError when some never come."""
    scoreboard = Scoreboard(example.tiers)
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(_observe(scoreboard, stack, deployment))
        sending = group.create_task(_send(scoreboard, stack, example, deployment, load))
        await _show_until_answered(scoreboard, show, sending)
        watching.cancel()
    if scoreboard.open:
        raise AnswersMissingError(
            f"{scoreboard.open} of {load.records} records were not answered within {ANSWERS_DEADLINE_S:g} s; "
            f"the logs are in {stack.layout.directory / 'logs'}"
        )
    return scoreboard.figures(at_s=time.monotonic())


async def _send(scoreboard: Scoreboard, stack: Stack, example: Example, deployment: Deployment, load: Load) -> None:
    first = deployment.tiers[0]
    await feed(
        Sample.load(example.sample),
        scoreboard,
        cluster=stack.cluster(first.cluster),
        topic=topics.input_topic(deployment, first),
        records=load.records,
        rate=load.rate,
    )


async def _observe(scoreboard: Scoreboard, stack: Stack, deployment: Deployment) -> None:
    await observe(
        scoreboard,
        cluster=stack.cluster(deployment.tiers[0].cluster),
        answers_topic=topics.answers_topic(deployment),
        dead_letter_topic=topics.dead_letter_topic(deployment),
        forwarded_by={topics.input_topic(deployment, upper): lower.tier for lower, upper in pairwise(deployment.tiers)},
        clock=time.monotonic,
    )


async def _show_until_answered(scoreboard: Scoreboard, show: Show, sending: "asyncio.Task[None]") -> None:
    """Returns when all was sent and answered, or `ANSWERS_DEADLINE_S` after the last was sent."""
    sent_at_s: float | None = None
    while True:
        now = time.monotonic()
        show(scoreboard.figures(at_s=now))
        if sending.done():
            sent_at_s = sent_at_s or now
            if not scoreboard.open or now > sent_at_s + ANSWERS_DEADLINE_S:
                return
        await asyncio.sleep(LOOK_EVERY_S)
