"""Who must be told what: the assignment of every node, kept ready in memory, and the streams that wait for the next.

No stream touches the database. A stream that is slow gets the latest assignment when it can take it, never a backlog.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import msgspec

from shared.documents import Assignment, encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """`withheld`: nothing is sent to this node until an operator has confirmed its generation."""

    node: str
    generation: int
    revisions: tuple[str, ...]
    withheld: bool = False


class Board:
    """Postings by node. `post` and `take_down` wake the streams of the nodes concerned."""

    def __init__(self) -> None:
        self._postings: dict[str, Posting] = {}
        self._documents: dict[str, bytes] = {}
        self._streams: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._closed = False

    def post(self, postings: Sequence[Posting], documents: Mapping[str, bytes]) -> None:
        """`documents` holds every workload that these postings name and no earlier one did."""
        self._documents |= documents
        for posting in postings:
            self._postings[posting.node] = posting
            self._wake(posting.node)
        if postings:
            self._forget_unused_documents()

    def withhold(self, node: str) -> None:
        """Send nothing to this node until something new is posted for it."""
        if posting := self._postings.get(node):
            self._postings[node] = replace(posting, withheld=True)

    def take_down(self, node: str) -> None:
        """The node is removed: its streams end."""
        self._postings.pop(node, None)
        self._wake(node)

    def close(self) -> None:
        """Every stream ends."""
        self._closed = True
        for node in list(self._streams):
            self._wake(node)

    def posting(self, node: str) -> Posting | None:
        """None when streams of this node must end."""
        return None if self._closed else self._postings.get(node)

    def assignment(self, posting: Posting) -> bytes:
        workloads = tuple(msgspec.Raw(self._documents[revision]) for revision in posting.revisions)
        return encode(Assignment(node=posting.node, generation=posting.generation, workloads=workloads))

    @property
    def nodes(self) -> Sequence[str]:
        return tuple(self._postings)

    @contextmanager
    def listening(self, node: str) -> Iterator[asyncio.Event]:
        """The event is set whenever the node's posting may have changed; the listener clears it."""
        changed = asyncio.Event()
        self._streams[node].add(changed)
        try:
            yield changed
        finally:
            self._streams[node].discard(changed)
            if not self._streams[node]:
                del self._streams[node]

    def _forget_unused_documents(self) -> None:
        used = {revision for posting in self._postings.values() for revision in posting.revisions}
        self._documents = {name: document for name, document in self._documents.items() if name in used}

    def _wake(self, node: str) -> None:
        for changed in self._streams.get(node, ()):
            changed.set()
