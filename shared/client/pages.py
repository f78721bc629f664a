"""Lists without a bound: asked for page after page, the latest first."""

from collections.abc import Mapping
from typing import TypeVar

from shared.client.answers import page
from shared.client.flow import Call, Steps

T = TypeVar("T")
# As many as the control plane gives at once.
MOST = 1000


def latest(kind: type[T], path: str, query: Mapping[str, str | None], *, limit: int | None) -> Steps[tuple[T, ...]]:
    """At most `limit`, or all. Of `query`, what is None is not asked."""
    given = {name: value for name, value in query.items() if value is not None}
    found: tuple[T, ...] = ()
    while True:
        given["limit"] = str(MOST if limit is None else min(MOST, limit - len(found)))
        answer = yield from Call(method="GET", path=path, query=dict(given), read=page(kind))
        found += answer.items
        if answer.next is None or (limit is not None and len(found) >= limit):
            return found[:limit]
        given["before"] = answer.next
