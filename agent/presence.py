"""Whether the control plane is there: said once when it goes away, once when it is back."""

import logging

from agent.clock import Clock

logger = logging.getLogger(__name__)


class Presence:
    """Unknown until it was first asked: neither there nor away."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._is_there = False
        self._lost_at: float | None = None
        self._reason = ""

    @property
    def is_there(self) -> bool:
        return self._is_there

    def lost(self, reason: str) -> None:
        """Another reason than the last one is news as well: "connection refused" may become "unknown credential"."""
        self._is_there = False
        if self._lost_at is None:
            self._lost_at = self._clock.monotonic()
        if reason != self._reason:
            logger.warning("control plane away; what runs keeps running", extra={"reason": reason})
        self._reason = reason

    def found(self) -> None:
        if self._lost_at is not None:
            away_s = round(self._clock.monotonic() - self._lost_at, 1)
            logger.info("control plane back", extra={"away_s": away_s})
        self._is_there, self._lost_at, self._reason = True, None, ""
