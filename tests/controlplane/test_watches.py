"""Who reads which control topic, and which streams it looks after."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from controlplane import watches
from shared.documents import Cluster
from shared.documents.training_workloads import ANNOUNCEMENTS, AnnouncementsWorkload
from shared.streams.ranges import Range
from tests.controlplane.training import CONTROL, request

CLUSTERS = {name: Cluster(name=name, bootstrap_servers=(f"{name}:9092",)) for name in ("main", "other")}
SELECTED = {"tier": "cloud"}


@st.composite
def range_lists(draw: st.DrawFn) -> list[Range]:
    starts = draw(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 1), st.integers(0, 30), st.integers(0, 9))))
    return [Range(topic=topic, partition=number, start=at, end=at + more) for topic, number, at, more in starts]


def offsets(ranges: tuple[Range, ...] | list[Range]) -> list[tuple[str, int, int]]:
    return sorted((one.topic, one.partition, at) for one in ranges for at in range(one.start, one.end))


def workloads(*requests: str, **looked_after: list[Range]) -> list[AnnouncementsWorkload]:
    wanted = [request(name) for name in requests]
    return [build(()) for build in watches.builders(wanted, CLUSTERS, looked_after).values()]


@given(range_lists())
def test_united_ranges_hold_each_offset_once_and_leave_a_gap_between_two(ranges: list[Range]) -> None:
    united = watches.united(ranges)
    assert offsets(united) == sorted(set(offsets(ranges)))
    assert watches.united(united) == united
    for before, after in pairwise(united):
        assert (before.topic, before.partition) != (after.topic, after.partition) or before.end < after.start


@given(range_lists(), st.randoms())
def test_the_order_of_streams_does_not_change_the_document(ranges: list[Range], random: object) -> None:
    shuffled = list(ranges)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a Random
    assert watches.united(shuffled) == watches.united(ranges)


def test_requests_on_one_topic_share_a_watch() -> None:
    requests = [request("a"), request("b"), request("c", control_topic="mine"), request("d", cluster="other")]
    wanted = watches.demands(requests, CLUSTERS)
    assert [one.owner for one in wanted] == [
        "announcements/main/KAFKA_ML_CONTROL_TOPIC",
        "announcements/main/mine",
        "announcements/other/KAFKA_ML_CONTROL_TOPIC",
    ]
    assert {(one.kind, one.replicas, one.slot) for one in wanted} == {(ANNOUNCEMENTS, 1, None)}


def test_requests_of_other_nodes_have_a_watch_and_a_group_of_their_own() -> None:
    requests = [request("a"), request("b", selector=SELECTED)]
    built = [build(()) for build in watches.builders(requests, CLUSTERS, {}).values()]
    assert [one.labels for one in watches.demands(requests, CLUSTERS)] == [{}, SELECTED]
    groups = [one.group for one in built]
    assert groups[0] == f"fogline.announcements.main.{CONTROL}"
    assert groups[1].startswith(f"{groups[0]}.")
    assert len({one.id for one in built}) == 2


def test_a_watch_knows_its_cluster_and_the_streams_on_it() -> None:
    kept = [Range(topic="data", partition=0, start=0, end=10), Range(topic="data", partition=0, start=5, end=20)]
    (built,) = workloads("a", main=kept, other=[Range(topic="x", partition=0, start=0, end=1)])
    assert built.clusters == (CLUSTERS["main"],)
    assert built.looked_after == (Range(topic="data", partition=0, start=0, end=20),)


def test_of_too_many_ranges_those_of_the_newest_streams_are_looked_after() -> None:
    kept = [Range(topic=f"t{number}", partition=0, start=0, end=1) for number in range(watches.MOST_RANGES + 5)]
    (built,) = workloads("a", main=kept)
    assert len(built.looked_after) == watches.MOST_RANGES
    assert kept[0] in built.looked_after
    assert kept[-1] not in built.looked_after


def test_a_cluster_that_is_gone_has_no_watch_and_its_requests_say_so() -> None:
    lost = [request("a", cluster="gone")]
    assert watches.demands(lost, CLUSTERS) == []
    assert watches.builders(lost, CLUSTERS, {}) == {}
    assert watches.unwatched(lost, CLUSTERS, {}) == {"a": "there is no cluster gone: put it"}


def test_requests_that_nobody_watches_say_why() -> None:
    requests = [request("a"), request("b", control_topic="mine")]
    assert watches.unwatched(requests, CLUSTERS, {watches.key(requests[0]): "no node"}) == {"a": "no node"}
