"""Where a run can go on from, with the best weights so far beside it where it stops early: `best/...`."""

from collections.abc import Callable
from pathlib import Path

from agent.training.checkpoints import Checkpoints
from agent.training.fitting.standing import Standing


def checkpoints(folder: Path, *, run: str, damaged: Callable[[str], None]) -> Checkpoints[Standing]:
    return Checkpoints(folder=folder, run=run, standing=Standing, beside="best", damaged=damaged)
