"""Which versions each tier has while a deployment moves from one to another. Pure.

The upper tiers load the new version first and keep the old one; once all of them say so, the first tier switches.
The old version stays above as long as a node of the first tier has it, because it was away, or could not load the new
one; and for a retention period after that, so features never meet a sub-model of another version.
"""

from collections.abc import Collection

from shared.documents import Message


class VersionRef(Message, frozen=True, kw_only=True):
    model: str
    version: int

    @property
    def id(self) -> str:
        return f"{self.model}/{self.version}"


class Retained(Message, frozen=True, kw_only=True):
    """A version whose features may still be under way; `until` in seconds since the epoch.

    None while a node of the first tier may still make some.
    """

    version: VersionRef
    until: float | None = None


class Rollout(Message, frozen=True, kw_only=True):
    """`serving` is what the first tier runs, `target` what it shall run; `since` is when the target was set."""

    target: VersionRef
    serving: VersionRef
    since: float
    retained: tuple[Retained, ...] = ()

    @property
    def is_finished(self) -> bool:
        return self.serving == self.target

    @property
    def is_settled(self) -> bool:
        """Nothing that a node may say would change it soon."""
        return self.is_finished and all(one.until is not None for one in self.retained)


def begin(version: VersionRef, now: float) -> Rollout:
    """A new deployment has no features under way: every tier starts with its version."""
    return Rollout(target=version, serving=version, since=now)


def retarget(rollout: Rollout, version: VersionRef, now: float) -> Rollout:
    """Aim at another version. An unfinished target is dropped: no first tier has made features with it."""
    if version == rollout.target:
        return rollout
    return Rollout(target=version, serving=rollout.serving, since=now, retained=rollout.retained)


def advance(
    rollout: Rollout, *, uppers_loaded: bool, still_made: Collection[VersionRef], now: float, retention_s: float
) -> Rollout:
    """Forget what has been retained long enough, and let the first tier switch once the tiers above are ready.

    `still_made`: retained versions that nodes of the first tier have, or may have.
    """
    aged = (_aged(one, is_made=one.version in still_made, end=now + retention_s) for one in rollout.retained)
    retained = tuple(one for one in aged if one.until is None or one.until > now)
    serving = rollout.serving
    if uppers_loaded and not rollout.is_finished:
        kept = tuple(one for one in retained if one.version not in (rollout.serving, rollout.target))
        retained = (Retained(version=rollout.serving), *kept)
        serving = rollout.target
    return Rollout(target=rollout.target, serving=serving, since=rollout.since, retained=retained)


def _aged(retained: Retained, *, is_made: bool, end: float) -> Retained:
    if is_made:
        return Retained(version=retained.version)
    # Never later than `end`: a clock that was set back while this process was down would keep it for all that time.
    until = end if retained.until is None else min(retained.until, end)
    return Retained(version=retained.version, until=until)


def first_tier_versions(rollout: Rollout) -> tuple[VersionRef, ...]:
    return (rollout.serving,)


def upper_tier_versions(rollout: Rollout) -> tuple[VersionRef, ...]:
    """The newest first; each once."""
    return tuple(dict.fromkeys((rollout.target, rollout.serving, *(one.version for one in rollout.retained))))


def next_change_at(rollout: Rollout) -> float | None:
    """When time alone changes something: the end of a retention."""
    return min((one.until for one in rollout.retained if one.until is not None), default=None)
