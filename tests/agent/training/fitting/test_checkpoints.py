"""What a run's checkpoints are on the disk: what another release left there must still be gone on from."""

from pathlib import Path

import numpy as np

from agent.training import array_file
from agent.training.checkpoints import Checkpoint
from agent.training.fitting.checkpoints import checkpoints
from agent.training.fitting.standing import Standing


def test_the_best_weights_so_far_are_kept_as_best(tmp_path: Path) -> None:
    kept = checkpoints(tmp_path, run="one", damaged=print)
    for _ in range(2):
        kept.save(Checkpoint(standing=Standing(), learner={"kernel": np.zeros(2)}, beside={"kernel": np.ones(2)}))
    assert list(array_file.read(tmp_path / "00000002.checkpoint")) == ["standing", "learner/kernel", "best/kernel"]
