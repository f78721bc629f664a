"""Which changes of an inference workload are applied between two micro-batches, and which need a restart. Pure."""

import msgspec

from agent.workload import RestartNeededError
from shared.documents import InferenceWorkload, Upper

_LIVE = frozenset({"versions", "exit", "upper", "batching", "memory_bytes", "start_deadline_s"})
_LIVE_UPPER = frozenset({"features", "uplink"})
_LIVE_UPLINK = frozenset({"mode", "deadline_s", "compression"})


def require_live(before: InferenceWorkload, after: InferenceWorkload) -> None:
    """Raises RestartNeededError naming what cannot be changed while records flow."""
    changed = _changed(before, after) - _LIVE
    changed |= {f"upper.{name}" for name in _changed_upper(before.upper, after.upper)}
    if changed:
        raise RestartNeededError(f"cannot change {', '.join(sorted(changed))} of a running workload")


def _changed_upper(before: Upper | None, after: Upper | None) -> set[str]:
    if before is None or after is None:
        return set() if before is after else {"tier"}
    changed = _changed(before, after) - _LIVE_UPPER
    return changed | {f"uplink.{name}" for name in _changed(before.uplink, after.uplink) - _LIVE_UPLINK}


def _changed(before: msgspec.Struct, after: msgspec.Struct) -> set[str]:
    return {name for name in before.__struct_fields__ if getattr(before, name) != getattr(after, name)}
