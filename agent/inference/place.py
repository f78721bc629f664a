"""Where a workload runs, as its records tell it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What makes ids and trails of this node's own."""

    node: str
    boot_id: bytes
    cluster_id: str
    is_first_tier: bool
