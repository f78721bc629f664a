"""What an online run's checkpoints are on the disk: what another release left there must still be gone on from."""

from pathlib import Path

import numpy as np

from agent.training import array_file
from agent.training.checkpoints import Checkpoint
from agent.training.online.checkpoints import checkpoints
from agent.training.online.standing import OnlineStanding


def test_the_version_that_is_out_is_kept_as_published(tmp_path: Path) -> None:
    kept = checkpoints(tmp_path, run="one", damaged=print)
    standing = OnlineStanding(window=7)
    kept.save(Checkpoint(standing=standing, learner={"kernel": np.zeros(2)}, beside={"kernel": np.ones(2)}), number=7)
    arrays = array_file.read(tmp_path / "00000007.checkpoint")
    assert list(arrays) == ["standing", "learner/kernel", "published/kernel"]
