"""A site as a process of its own, to be killed: `python -m tests.agent.federation.participant.process FOLDER`.

FOLDER/asked.json says which broker, which federation, and which of the networks of this module.
"""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import msgspec

from shared.documents import Cluster, TrainingParameters
from tests.agent.federation.participant.site import PARAMETERS, Taking, at_work
from tests.agent.training.running.attempts import TORCH_NETWORK

ROOT = Path(__file__).parents[4]
# 16 MiB of weights that learn nothing.
GREAT = TORCH_NETWORK.replace(
    "        self.cloud =", "        self.weight = nn.Parameter(torch.zeros(4, 2**20))\n        self.cloud ="
)
# A step takes a fifth of a second.
SLOW = TORCH_NETWORK.replace("import torch\n", "import time\n\nimport torch\n", 1).replace(
    '        return {"cloud"', '        time.sleep(0.2 if self.training else 0)\n        return {"cloud"'
)
# The bytes of a day are not those of the next one, and no day ends in a test.
NOON = datetime(2026, 1, 1, 12).astimezone()
NETWORKS = {"great": GREAT, "slow": SLOW, "small": TORCH_NETWORK}


class Asked(msgspec.Struct):
    cluster: Cluster
    name: str
    network: str
    policy: str = ""

    def taking(self, folder: Path) -> Taking:
        parameters: TrainingParameters = msgspec.structs.replace(PARAMETERS, epochs=2)
        return Taking(
            folder,
            self.cluster,
            self.name,
            network=NETWORKS[self.network],
            policy=self.policy,
            changes={"parameters": parameters, "metrics": ()},
            now=lambda: NOON,
        )


@contextmanager
def process(folder: Path, asked: Asked) -> Iterator["subprocess.Popen[bytes]"]:
    """Killed at the end of the block."""
    (folder / "asked.json").write_bytes(msgspec.json.encode(asked))
    command = [sys.executable, "-m", "tests.agent.federation.participant.process", str(folder)]
    with subprocess.Popen(command, cwd=ROOT) as running:
        try:
            yield running
        finally:
            running.send_signal(signal.SIGKILL)


async def _take_part(folder: Path, asked: Asked) -> None:
    async with at_work(asked.taking(folder)) as site:
        await site.until(lambda _: False, deadline_s=600)


def main() -> None:
    folder = Path(sys.argv[1])
    asyncio.run(_take_part(folder, msgspec.json.decode((folder / "asked.json").read_bytes(), type=Asked)))


if __name__ == "__main__":
    main()
