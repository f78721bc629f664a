"""A coordinator's session as a process, to be killed: BOOTSTRAP NAME FOLDER BY ROUNDS. A life ends with the process."""

import asyncio
import sys
from pathlib import Path

from agent.federation.coordinator.orders import Orders
from agent.federation.coordinator.session import Session
from shared.documents import Cluster
from shared.documents.federation import Rounds, Stop
from shared.errors import ClusterError
from tests.agent.federation.coordinator.federations import NAMES, federation, judged, signer, takeover


async def main(bootstrap: str, name: str, folder: str, by: str, rounds: str) -> None:
    document = federation(name, rounds=Rounds(updates=2), stop=Stop(rounds=int(rounds)))
    cluster = Cluster(name="here", bootstrap_servers=tuple(bootstrap.split(",")))
    taking = takeover(document, cluster, Path(folder), by=by)
    session = Session(
        federation=document,
        strategy=taking.strategy,
        reader=taking.reader,
        takeover=taking,
        orders=Orders({one: signer(one).public for one in NAMES}),
        judge=judged,
        clock=lambda: 0.0,
        stood=lambda _: None,
        noticed=lambda _: None,
    )
    while True:
        try:
            await session.run()
        except ClusterError:
            # As the workload does: the next life begins with the log.
            await asyncio.sleep(0.5)
        else:
            return


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
