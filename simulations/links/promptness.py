"""How soon after a wake-up the machine lets this process run.

On a machine whose cores are all in use, a process of the usual kind waits for the others' slices to end, which takes
milliseconds. One that is scheduled in real time goes before all that are not; only the privileged may ask for that.
"""

import gc
import os
from contextlib import suppress
from enum import StrEnum

# Any priority is above those who have none.
REAL_TIME_PRIORITY = 1
WANTED_NICENESS = -10


class Scheduling(StrEnum):
    """What the machine has granted."""

    REAL_TIME = "real-time"
    PREFERRED = "preferred"
    USUAL = "usual"


def be_prompt() -> Scheduling:
    """As granted, for this process and those it starts; what it has imported is never again searched for garbage."""
    gc.collect()
    gc.freeze()
    with suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(REAL_TIME_PRIORITY))
        return Scheduling.REAL_TIME
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, WANTED_NICENESS)
        return Scheduling.PREFERRED
    return Scheduling.USUAL
