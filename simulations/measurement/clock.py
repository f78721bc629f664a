"""The one clock of a run: CLOCK_MONOTONIC, which all programs of this machine share."""

import time


def now_us() -> int:
    return time.monotonic_ns() // 1000
