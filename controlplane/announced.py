"""Announced streams: how they are named, whom they are for, what of them is gone. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.documents import TrainingRequest
from shared.documents.stream import Kept
from shared.streams.announcement import Announcement
from shared.streams.ranges import Range

_WHOLLY = "expired"
MOST_OLDER_S = 60.0
"""A stream may be announced this long before its request is put: who does both may do them in either order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a Kafka partition held at a time, by the wall clock."""

    kept: Kept
    looked_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """`expired` is empty while nothing is known to be gone; `looked_at` None: not all of it was looked at yet."""

    expired: str = ""
    looked_at: float | None = None

    @property
    def is_gone(self) -> bool:
        """Nothing of it is left."""
        return self.expired == _WHOLLY


def keeping(announcement: Announcement, looks: Mapping[tuple[str, int], Look], *, seen_at: float) -> Keeping:
    """`looks` by topic and Kafka partition. One from before the stream was seen here may be from before it was sent."""
    ranges = [one for one in (*announcement.ranges, *announcement.unlabelled_ranges) if one.offsets]
    found = [(one, looks.get((one.topic, one.partition))) for one in ranges]
    known = [(one, look) for one, look in found if look is not None and look.looked_at > seen_at]
    gone = [(one, end) for one, look in known if (end := _gone_up_to(one, look.kept)) > one.start]
    if gone and all((one, one.end) in gone for one in ranges):
        expired = _WHOLLY
    else:
        places = (f"{one.topic}:{one.partition}:{end}" for one, end in gone)
        expired = f"expired up to {', '.join(places)}" if gone else ""
    is_all = bool(ranges) and len(known) == len(ranges)
    return Keeping(expired=expired, looked_at=min(look.looked_at for _, look in known) if is_all else None)


def _gone_up_to(range_: Range, kept: Kept) -> int:
    """The first offset that is still there; the range's end when none is."""
    if kept.last < range_.end:
        # The topic was made anew: what lies at these offsets now is something else.
        return range_.end
    return min(max(kept.first, range_.start), range_.end)


def mismatch(
    request: TrainingRequest, *, cluster: str, control_topic: str, announced_at: float, waits_since: float
) -> str:
    """Why a stream that is announced to the request's number does not start it; empty: it does."""
    if (cluster, control_topic) != (request.cluster, request.control_topic):
        return f"training request {request.name} waits on {request.control_topic} of cluster {request.cluster}"
    if announced_at < waits_since - MOST_OLDER_S:
        return f"announced before training request {request.name} waited for it"
    return ""
