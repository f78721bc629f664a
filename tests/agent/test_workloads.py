import msgspec
import pytest

from agent.clusters import ClusterOverride
from agent.kinds import kinds
from agent.workloads import entries, read
from shared.documents import Assignment, encode
from shared.errors import DocumentError, SettingsError, UnavailableError
from tests.agent.documents import assignment, workload


def test_entries_keep_their_ids_kinds_and_revisions() -> None:
    found = entries(assignment(1, workload("a"), workload("b", version=2)).workloads)
    assert list(found) == ["a", "b"]
    assert {one.kind for one in found.values()} == {"inference"}
    assert len({one.revision for one in found.values()}) == 2


def test_a_revision_names_the_content_and_not_the_generation() -> None:
    assert (
        entries(assignment(1, workload()).workloads)["one"].revision
        == entries(assignment(2, workload()).workloads)["one"].revision
    )


@pytest.mark.parametrize("raw", [b"7", b"{}", b'{"id":"x"}', b'{"kind":"inference","id":3}'])
def test_what_cannot_be_named_gets_its_place_and_fails_alone(raw: bytes) -> None:
    given = Assignment(node="n", generation=1, workloads=(msgspec.Raw(raw), msgspec.Raw(encode(workload()))))
    found = entries(given.workloads)
    assert list(found) == ["workloads[0]", "one"]
    with pytest.raises(DocumentError):
        read(found["workloads[0]"], kinds(), {})
    assert read(found["one"], kinds(), {}) == workload()


def test_an_id_that_stands_twice_fails_where_it_stands_again() -> None:
    found = entries(assignment(1, workload("a"), workload("a", version=2)).workloads)
    assert read(found["a"], kinds(), {}) == workload("a")
    with pytest.raises(DocumentError, match="stands twice"):
        read(found["workloads[1]"], kinds(), {})


def test_an_unknown_kind_says_which_are_known() -> None:
    found = entries(assignment(1, {"kind": "knitting", "id": "t", "more": 1}).workloads)
    with pytest.raises(UnavailableError, match=r"'knitting'.*inference"):
        read(found["t"], kinds(), {})


def test_clusters_are_seen_as_this_node_reaches_them() -> None:
    found = entries(assignment(1, workload()).workloads)["one"]
    document = read(found, kinds(), {"edge": ClusterOverride(bootstrap_servers=("10.0.0.7:9092",))})
    assert document.clusters[0].bootstrap_servers == ("10.0.0.7:9092",)
    with pytest.raises(SettingsError, match=r"clusters\.edge"):
        read(found, kinds(), {"edge": ClusterOverride(bootstrap_servers=("nowhere",))})
