"""Announced streams. Pure."""

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.text import Text

from fogline.tables.shape import card, table
from shared.documents.stream import StreamView
from shared.streams.announcement import Announcement
from shared.streams.inputs import RawInput
from shared.streams.ranges import ranges_text


def streams(views: Iterable[StreamView]) -> RenderableType:
    return table(
        ("stream", "cluster", "request", "records", "data", "announced", "runs", "log"),
        (
            (
                view.id,
                view.cluster,
                str(view.number),
                records(view.announcement),
                data(view.announcement),
                view.announced_at,
                ", ".join(map(str, view.runs)) or "-",
                "expired" if view.expired else "whole" if view.looked_at else "not looked at yet",
            )
            for view in views
        ),
        empty="No streams yet: `fogline streams send FILE --topic TOPIC --request REQUEST`.",
    )


def stream(view: StreamView) -> RenderableType:
    found = view.announcement
    pairs = {
        "stream": view.id,
        "cluster": view.cluster,
        "announced": f"{view.announced_at} to request {view.number} on {view.control_topic}",
        "records": records(found),
        "with labels": found.open_topic or ranges_text(found.ranges),
        "without": found.unlabelled_open_topic or ranges_text(found.unlabelled_ranges),
        "data": data(found),
        "rates": f"validation {found.validation_rate:g}, test {found.test_rate:g}",
        "description": found.description,
        "looked at": view.looked_at or "not yet",
        "runs": ", ".join(map(str, view.runs)) or "-",
    }
    shown = card({name: value for name, value in pairs.items() if value})
    if not view.expired:
        return shown
    return Group(
        shown, Text(f"expired: {view.expired}", style="red"), Text("It is not trained on again: send it anew.")
    )


def records(found: Announcement) -> str:
    if found.is_online:
        return "without an end"
    said = f"{found.total or 0:,}"
    return f"{said} and {found.unlabelled_total:,} without labels" if found.unlabelled_total else said


def data(found: Announcement) -> str:
    if not isinstance(found.input, RawInput):
        return "Avro"
    shape = " x ".join(map(str, found.input.data_shape)) if found.input.data_shape else "of any length"
    return f"{found.input.data_type} {shape}"
