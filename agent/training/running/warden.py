"""The parent of a confined program, and the first process of its namespace: when it dies, all others do."""

import os
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NoReturn

from agent.training.running import isolation
from agent.training.running.limits import Limits

HEARD = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD})
_CANNOT_START = 126
_FIRST_OF_A_NAMESPACE = 1


def keep(program: Sequence[str], limits: Limits, ended: Callable[[int], None]) -> NoReturn:
    """Until the program has ended; `ended` is told how, as os.waitstatus_to_exitcode has it. `HEARD` are blocked."""
    isolation.adopt_orphans()
    if os.getpid() == _FIRST_OF_A_NAMESPACE:
        # Where it is refused, names and arguments of the node's processes can be read, and nothing of what they hold.
        with suppress(OSError):
            isolation.see_own_processes_alone()
    started = os.fork()
    if started == 0:
        _become(program, limits)
    while True:
        heard = signal.sigwaitinfo(HEARD)
        if heard.si_signo == signal.SIGTERM:
            os.kill(started, signal.SIGTERM)
        with suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                if found[0] == started:
                    ended(os.waitstatus_to_exitcode(found[1]))
                    os._exit(0)


def _become(program: Sequence[str], limits: Limits) -> NoReturn:
    try:
        os.setsid()
        isolation.die_with(os.getppid(), signal.SIGKILL)
        isolation.give_up(limits)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HEARD)
        os.execv(program[0], [*program])  # noqa: S606 - a list of arguments, no shell is wanted
    except OSError as error:
        os.write(2, f"{program[0]} cannot be started: {error}\n".encode())
    finally:
        os._exit(_CANNOT_START)
