"""Times since a federation was put, in the unit that suits how long it took."""

from collections.abc import Sequence
from datetime import datetime

_UNITS = ((2 * 3600.0, 3600.0, "hours"), (2 * 60.0, 60.0, "minutes"), (0.0, 1.0, "seconds"))


def elapsed(began: str, moments: Sequence[str]) -> tuple[list[float], str]:
    """`began` and `moments` in RFC 3339. The times, and what they are counted in."""
    zero = datetime.fromisoformat(began)
    # Two clocks, the control plane's and the coordinator's, may disagree about the beginning.
    seconds = [max(0.0, (datetime.fromisoformat(one) - zero).total_seconds()) for one in moments]
    longest = max(seconds, default=0.0)
    length, unit = next((length, unit) for least, length, unit in _UNITS if longest >= least)
    return [one / length for one in seconds], unit
