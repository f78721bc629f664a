"""Where an online run can go on from: numbered by the window that is next, the version that is out beside it."""

from collections.abc import Callable
from pathlib import Path

from agent.training.checkpoints import Checkpoints
from agent.training.online.standing import OnlineStanding


def checkpoints(folder: Path, *, run: str, damaged: Callable[[str], None]) -> Checkpoints[OnlineStanding]:
    return Checkpoints(folder=folder, run=run, standing=OnlineStanding, beside="published", damaged=damaged)
