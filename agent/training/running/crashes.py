"""Which crashes count: a run that gets further between two of them is slow, and not hopeless. Pure."""

import msgspec

from agent.training.fitting.progress import Checkpointed, Resumed
from agent.training.online.events import WindowLearnt
from agent.training.running.ledger import Ledger, Reached
from agent.training.running.telling import Event


def further(before: Reached, event: Event) -> Reached:
    """What is on the disk counts, for a crash takes the rest; what is done again takes nothing back."""
    match event:
        case Checkpointed(epoch=epoch, step=step) | Resumed(epoch=epoch, step=step):
            return max(before, Reached(epoch=epoch, step=step))
        case WindowLearnt(window=window):
            return max(before, Reached(epoch=window))
    return before


def after_crash(now: Ledger, reached: Reached) -> Ledger:
    """Counted from the last crash before which it had got further than ever."""
    if reached > now.reached:
        return msgspec.structs.replace(now, crashes=1, reached=reached)
    return msgspec.structs.replace(now, crashes=now.crashes + 1)
