"""What a site lets a platform do with its data, in a file of its own that nobody but the site writes. Pure.

Without such a file a site takes part in nothing.
"""

import re
from collections.abc import Iterator
from datetime import datetime, time
from typing import Annotated, Literal

from msgspec import Meta

from shared.documents.types import Bytes, Document, Name, Sha256

_HOURS = re.compile(r"^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$(?!\n)")

Hours = Annotated[str, Meta(pattern=_HOURS.pattern, description="As in `22:00-06:00`, by the site's own clock.")]


class Policy(Document, frozen=True, kw_only=True):
    """`federations` it may take part in. `sources`: digests of the networks' files that may run here; `any` of them.

    `most_norm`: every update is clipped to this length or a shorter one; `least_noise`: standard deviation of the noise
    that the site adds, over that length. `bytes_a_day`: sent to the platform, updates and all. `hours`: in which
    training may begin and updates leave; empty: at any time.
    """

    federations: tuple[Name, ...] = ()
    sources: tuple[Sha256, ...] | Literal["any"] = ()
    most_norm: Annotated[float, Meta(gt=0)] | None = None
    least_noise: Annotated[float, Meta(ge=0)] = 0.0
    bytes_a_day: Bytes | None = None
    hours: tuple[Hours, ...] = ()


class Asked(Document, frozen=True, kw_only=True):
    """What a platform wants of a site. `norm` None: updates as they are; `noise`: added here, over the norm."""

    federation: Name
    sources: tuple[Sha256, ...]
    norm: float | None = None
    noise: float = 0.0


NOTHING = Policy()


def refusals(policy: Policy, asked: Asked) -> tuple[str, ...]:
    """Why the site takes no part, each in words that name the policy's field; empty when it does."""
    return tuple(_refusals(policy, asked))


def may_go_on(policy: Policy, *, now: datetime, sent_today: int) -> str:
    """Why nothing may begin or leave at this moment; empty when it may. `now`: by the site's clock."""
    if policy.hours and not any(_within(hours, now.time()) for hours in policy.hours):
        return f"hours: it is {now:%H:%M}, and {', '.join(policy.hours)} is allowed"
    if policy.bytes_a_day is not None and sent_today >= policy.bytes_a_day:
        return f"bytes_a_day: {sent_today:,} of {policy.bytes_a_day:,} bytes were sent today"
    return ""


def _refusals(policy: Policy, asked: Asked) -> Iterator[str]:
    if asked.federation not in policy.federations:
        allowed = ", ".join(policy.federations) or "none"
        yield f"federations: {asked.federation!r} is not among those accepted: {allowed}"
    if policy.sources != "any":
        for one in asked.sources:
            if one not in policy.sources:
                yield f"sources: nobody here has accepted the network {one}"
    if policy.most_norm is not None and (asked.norm is None or asked.norm > policy.most_norm):
        norm = "no clipping" if asked.norm is None else f"{asked.norm:g}"
        yield f"most_norm: {norm} is asked for, and {policy.most_norm:g} is the longest that leaves"
    if asked.noise < policy.least_noise:
        yield f"least_noise: {asked.noise:g} is asked for, and {policy.least_noise:g} is the least that is added"


def _within(hours: str, now: time) -> bool:
    """From the first minute up to the last, which is not in it; over midnight when they are the wrong way round."""
    match = _HOURS.match(hours)
    assert match is not None  # noqa: S101 - the document was checked
    start, stop = (60 * int(match[place]) + int(match[place + 1]) for place in (1, 3))
    minute = 60 * now.hour + now.minute
    return start <= minute < stop if start < stop else minute >= start or minute < stop
