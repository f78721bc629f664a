"""Networks to be trained, and sets of them. Pure."""

from collections.abc import Iterable

from rich.console import Group, RenderableType

from fogline.tables.shape import card, size, table
from shared.documents import Configuration, NetworkSource


def networks(sources: Iterable[NetworkSource]) -> RenderableType:
    return table(
        ("network", "framework", "files", "description"),
        ((one.name, one.framework.value, _files(one), one.description or "-") for one in sources),
        empty="No networks yet: `fogline networks put NAME FILE`.",
    )


def network(source: NetworkSource) -> RenderableType:
    pairs = {
        "network": source.name,
        "framework": source.framework.value,
        "description": source.description or "-",
    }
    rows = ((one.tier or "-", one.file or "-", size(one.size_bytes), one.sha256) for one in source.files)
    return Group(card(pairs), table(("tier", "file", "size", "sha256"), rows, empty="No files."))


def configurations(documents: Iterable[Configuration]) -> RenderableType:
    return table(
        ("configuration", "networks", "description"),
        ((one.name, ", ".join(one.networks), one.description or "-") for one in documents),
        empty="No configurations yet: `fogline configurations put NAME NETWORK`.",
    )


def _files(source: NetworkSource) -> str:
    return " > ".join(f"{one.tier} {one.file}" if one.tier else one.file or one.sha256[:12] for one in source.files)
