"""Where a coordinator's network and records lie, below what all coordinators of a node have in common. Pure."""

from collections.abc import Collection

from agent.workloads import Entry, folder_name


def folder_of(id: str) -> str:
    return f"federations/{folder_name(id)}"


def kept(entries: Collection[Entry]) -> frozenset[str]:
    """What these workloads need."""
    return frozenset(folder_of(entry.id) for entry in entries)
