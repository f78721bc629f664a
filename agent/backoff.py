"""How long to wait before trying again. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Doubles from `first_s` to `cap_s`."""

    first_s: float
    cap_s: float

    def delay_s(self, failures: int, *, jitter: float) -> float:
        """After `failures` >= 1 in a row; `jitter` in [0, 1) spreads a fleet over the upper half of the delay."""
        # The exponent is bounded because 2.0**1024 overflows, and an agent may be cut off for weeks.
        full = min(self.cap_s, self.first_s * 2.0 ** min(failures - 1, 32))
        return full * (0.5 + jitter / 2)
