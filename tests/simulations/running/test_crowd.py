"""The clients' program when it cannot do what it is told."""

from pathlib import Path

import numpy as np
import pytest

from shared.documents import Cluster
from simulations.programs import ProgramFailedError
from simulations.running.clients import Answers, ClientsSettings
from simulations.running.crowd import Crowd

# Nobody listens there who is not privileged.
AWAY = Cluster(name="edge", bootstrap_servers=("127.0.0.1:1",))


def test_a_cluster_that_is_away_is_named(tmp_path: Path) -> None:
    np.savez(tmp_path / "sample.npz", images=np.zeros((1, 4), np.uint8), labels=np.zeros(1, np.int64))
    settings = ClientsSettings(
        cluster=AWAY,
        topic="in",
        answers=(Answers(cluster=AWAY, answers_topic="out", dead_letter_topic="dead"),),
        sample=str(tmp_path / "sample.npz"),
        due_s=((0.0,), (0.0,)),
        images=((0,), (0,)),
        warm_up_s=0.0,
        patience_s=1.0,
        seed=1,
        results=str(tmp_path / "results"),
    )
    with Crowd(log=tmp_path / "log") as crowd, pytest.raises(ProgramFailedError, match="clients: cluster 'edge'"):
        crowd.begin(settings, tmp_path / "settings.json")


def test_clients_that_are_not_needed_are_gone_at_the_end(tmp_path: Path) -> None:
    with Crowd(log=tmp_path / "log") as crowd:
        assert crowd.is_under_way
    assert not crowd.is_under_way
