"""A coordinator's session as a process, to be killed: BOOTSTRAP NAME FOLDER BY ROUNDS. A life ends with the process."""

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path

from agent.federation.coordinator.orders import Orders
from agent.federation.coordinator.session import Session
from agent.federation.weights import Weights
from shared.documents import Cluster
from shared.documents.federation import Rounds, Stop
from tests.agent.federation.coordinator.federations import NAMES, federation, signer, takeover


async def judged(model: Weights, round: int) -> Mapping[str, float]:
    return {"cloud/accuracy": round / 100}


async def main(bootstrap: str, name: str, folder: str, by: str, rounds: str) -> None:
    document = federation(name, rounds=Rounds(updates=2), stop=Stop(rounds=int(rounds)))
    cluster = Cluster(name="here", bootstrap_servers=tuple(bootstrap.split(",")))
    taking = takeover(document, cluster, Path(folder), by=by)
    await Session(
        federation=document,
        strategy=taking.strategy,
        reader=taking.reader,
        takeover=taking,
        orders=Orders({one: signer(one).public for one in NAMES}),
        judge=judged,
        clock=lambda: 0.0,
        stood=lambda _: None,
        noticed=lambda _: None,
    ).run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
