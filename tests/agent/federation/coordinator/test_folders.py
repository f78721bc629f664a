"""What a coordinator keeps on a node is there as long as it is assigned, and no longer."""

import msgspec

from agent.federation.coordinator.folders import folder_of, kept
from agent.workloads import Entry


def test_each_coordinator_keeps_its_own_folder_and_nobody_else_s() -> None:
    some = [Entry(id=id, kind="coordinator", revision="1", raw=msgspec.Raw(b"rubbish")) for id in ("a.1", "a.2")]
    assert kept(some) == {folder_of("a.1"), folder_of("a.2")}
    assert kept([]) == frozenset()
    assert folder_of("a.1") != folder_of("a-1")
