"""What of a coordinator's document may change while it runs."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.documents.federation_workloads import CoordinatorWorkload


@dataclass(slots=True)
class Orders:
    """`participants`: public keys by name. `dismissed`: why it coordinates no more; empty while it does."""

    participants: Mapping[str, str] = field(default_factory=dict)
    is_paused: bool = False
    is_cancelled: bool = False
    dismissed: str = ""
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def follow(self, document: CoordinatorWorkload) -> None:
        self.participants = dict(document.participants)
        self.is_paused, self.is_cancelled = document.is_paused, document.is_cancelled
        self.changed.set()

    def dismiss(self, reason: str) -> None:
        self.dismissed = reason
        self.changed.set()
