"""The watches over control topics: one for all requests that wait on the same one, with the same selector. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import islice

from msgspec.structs import replace

from controlplane.fleet import Demand, Key
from shared import topics
from shared.documents import Cluster, TrainingRequest, digest
from shared.documents.training_workloads import ANNOUNCEMENTS, AnnouncementsWorkload
from shared.streams.ranges import Range

MOST_RANGES = 1000
"""So many ranges of streams one watch looks after; of more, those of the newest streams."""

# A watch that is silent for so long is placed elsewhere; two at once share the topic, and do no harm.
_STALE_AFTER_S = 60.0

STALE_AFTER_S = frozenset({_STALE_AFTER_S})


def key(request: TrainingRequest) -> Key:
    """The same for all requests that one watch serves."""
    return f"announcements/{request.cluster}/{request.control_topic}", _digest(request)


def demands(requests: Iterable[TrainingRequest], clusters: Mapping[str, Cluster]) -> list[Demand]:
    return [_demand(one) for one in _distinct(requests) if one.cluster in clusters]


def builders(
    requests: Iterable[TrainingRequest],
    clusters: Mapping[str, Cluster],
    looked_after: Mapping[str, Sequence[Range]],
) -> dict[Key, Callable[[tuple[str, ...]], AnnouncementsWorkload]]:
    """`looked_after`, by cluster: ranges of its streams, the newest first."""
    kept = {name: united(islice(ranges, MOST_RANGES)) for name, ranges in looked_after.items()}
    return {
        key(one): partial(_build, one, clusters[one.cluster], kept.get(one.cluster, ()))
        for one in _distinct(requests)
        if one.cluster in clusters
    }


def unwatched(
    requests: Iterable[TrainingRequest], clusters: Mapping[str, Cluster], shortages: Mapping[Key, str]
) -> dict[str, str]:
    """The requests for which nobody reads announcements, and why."""
    reasons = {}
    for one in requests:
        if one.cluster not in clusters:
            reasons[one.name] = f"there is no cluster {one.cluster}: put it"
        elif reason := shortages.get(key(one)):
            reasons[one.name] = reason
    return reasons


def united(ranges: Iterable[Range]) -> tuple[Range, ...]:
    """All their offsets, each once, in as few ranges as can be: streams may share records."""
    united: list[Range] = []
    filled = [one for one in ranges if one.offsets]
    for one in sorted(filled, key=lambda one: (one.topic, one.partition, one.start)):
        last = united[-1] if united else None
        if last is None or (last.topic, last.partition) != (one.topic, one.partition) or last.end < one.start:
            united.append(one)
        elif last.end < one.end:
            united[-1] = replace(last, end=one.end)
    return tuple(united)


def _digest(request: TrainingRequest) -> str:
    return digest(request.selector)[:8] if request.selector else ""


def _distinct(requests: Iterable[TrainingRequest]) -> list[TrainingRequest]:
    """One request of each watch, in an order that holds."""
    by_key = {key(one): one for one in requests}
    return [by_key[one] for one in sorted(by_key)]


def _anywhere(_backends: tuple[str, ...]) -> bool:
    return True


def _demand(request: TrainingRequest) -> Demand:
    owner, part = key(request)
    return Demand(
        owner=owner,
        part=part,
        kind=ANNOUNCEMENTS,
        labels=request.selector,
        stale_after_s=_STALE_AFTER_S,
        can_run=_anywhere,
        needs="",
    )


def _build(
    request: TrainingRequest, cluster: Cluster, looked_after: tuple[Range, ...], _backends: tuple[str, ...]
) -> AnnouncementsWorkload:
    selected = _digest(request)
    return AnnouncementsWorkload(
        id=".".join(filter(None, ("announcements", request.cluster, request.control_topic, selected))),
        clusters=(cluster,),
        cluster=request.cluster,
        control_topic=request.control_topic,
        group=topics.watch_group(request.cluster, request.control_topic, selected),
        looked_after=looked_after,
    )
