"""What a watcher reports: streams are kept, runs start, and what starts nothing is told."""

from collections import Counter

from sqlmodel import Session

from controlplane import announced, starts
from controlplane.clock import Times
from controlplane.store import events, placements, requests, streams
from controlplane.store.events import Happened
from controlplane.store.streams import StoredStream
from shared.documents import WorkloadHead, decode
from shared.documents.stream import AnnouncementFound, StreamsReport, stream_id
from shared.documents.training_workloads import ANNOUNCEMENTS, AnnouncementsWorkload
from shared.streams.announcement import Announcement

# Of one report; above this many one event counts the rest.
_MOST_EVENTS = 50


def is_watched_by(session: Session, node: str, cluster: str, control_topic: str) -> bool:
    """Whether this node has been given the watch over this control topic."""
    placed = {one.revision for one in placements.of_node(session, node)}
    documents = placements.documents(session, placed).values()
    watches = (
        decode(raw, AnnouncementsWorkload) for raw in documents if decode(raw, WorkloadHead).kind == ANNOUNCEMENTS
    )
    return any((one.cluster, one.control_topic) == (cluster, control_topic) for one in watches)


def take(session: Session, report: StreamsReport, times: Times) -> None:
    """Harmless when done again."""
    streams.note_kept(session, report.cluster, report.kept, now=times.wall)
    happened = [
        one
        for found in report.found
        if streams.take_in(session, report.cluster, report.control_topic, found)
        for one in _taken(session, report, found, times)
    ]
    events.add(session, _told(happened, f"cluster/{report.cluster}"), now=times.wall)


def _told(happened: list[Happened], subject: str) -> list[Happened]:
    """Whoever reads a long control topic for the first time would push everything else out of the log."""
    if len(happened) <= _MOST_EVENTS:
        return happened
    untold = Counter(one.kind for one in happened[_MOST_EVENTS:])
    return [*happened[:_MOST_EVENTS], Happened("announcements_untold", subject, dict(untold))]


def _taken(session: Session, report: StreamsReport, found: AnnouncementFound, times: Times) -> list[Happened]:
    subject = f"cluster/{report.cluster}"
    record = f"{report.control_topic}:{found.partition}:{found.offset}"
    if found.announcement is None or found.number is None:
        reason = found.refused or "it has no number or announces nothing"
        return [Happened("announcement_refused", subject, {"record": record, "reason": reason})]
    stream = _stream(report, found, found.number, found.announcement, times)
    is_new = streams.find(session, stream.id) is None
    streams.put(session, stream)
    happened = [Happened("stream_announced", f"stream/{stream.id}", {"record": record, "number": stream.number})]
    reason = _start(session, stream, times)
    unmatched = Happened("announcement_unmatched", subject, {"record": record, "stream": stream.id, "reason": reason})
    return (happened if is_new else []) + ([unmatched] if reason else [])


def _start(session: Session, stream: StoredStream, times: Times) -> str:
    """Why nothing waited for it, when nothing did."""
    stored = requests.numbered(session, stream.number)
    if stored is None:
        return f"no training request has the number {stream.number}"
    reason = announced.mismatch(
        stored.request,
        cluster=stream.cluster,
        control_topic=stream.control_topic,
        announced_at=stream.announced_at,
        waits_since=stored.waits_since,
    )
    if not reason:
        starts.start_once(session, stored, stream, times)
    return reason


def _stream(
    report: StreamsReport, found: AnnouncementFound, number: int, announcement: Announcement, times: Times
) -> StoredStream:
    return StoredStream(
        id=stream_id(report.cluster, announcement),
        cluster=report.cluster,
        control_topic=report.control_topic,
        number=number,
        announcement=announcement,
        # A record without a time of its own is taken to be of now.
        announced_at=found.timestamp_ms / 1000 if found.timestamp_ms >= 0 else times.wall,
        seen_at=times.wall,
    )
