import logging
from dataclasses import dataclass, field

import pytest

from agent.clock import Clock
from agent.inference.reach import PATIENCE_S, Reach


@dataclass(slots=True)
class Cluster:
    """A cluster that is connected or not, a clock, and what was reported."""

    connected: bool = True
    now_s: float = 0.0
    reported: list[str] = field(default_factory=list)
    reach: Reach = field(init=False)

    def __post_init__(self) -> None:
        self.reach = Reach(
            "edge",
            is_connected=lambda: self.connected,
            changed=lambda: self.reported.append(self.reach.trouble),
            clock=Clock(monotonic=lambda: self.now_s),
        )

    def pass_time(self, seconds: float) -> None:
        for _ in range(round(seconds * 2)):
            self.now_s += 0.5
            self.reach.look()


def test_a_cluster_that_goes_and_comes_back_is_two_lines(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    cluster = Cluster()
    for connected, seconds in ((True, 5), (False, 60), (True, 5)):
        cluster.connected = connected
        cluster.pass_time(seconds)
    assert [record.message for record in caplog.records] == [
        "cluster away; its records wait there",
        "cluster is back",
    ]
    assert len(cluster.reported) == 2
    assert "'edge'" in cluster.reported[0]
    assert cluster.reported[1] == ""


def test_a_connection_made_anew_is_no_news() -> None:
    cluster = Cluster()
    for _ in range(9):
        cluster.connected = not cluster.connected
        cluster.pass_time(PATIENCE_S - 0.5)
    assert cluster.reported == []
