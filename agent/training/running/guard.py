"""`python -m agent.training.running.guard LIMITS PARENT WORDS PROGRAM ...`: stands between an agent and a program.

    agent -- guard -- warden -- program and all that it starts

It lives as long as the program, looks at what that and all its descendants hold, and ends them all when they hold too
much, when the program has ended, when it was asked to (SIGTERM, politely first), or when the agent dies. A process of
its own, because the agent has threads, after which nothing but another program may be started, and because somebody
must be left when the agent is killed. WORDS is the descriptor that it writes its `Word`s to, a line each.
"""

import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import msgspec

from agent.training.running import isolation, landlock, warden
from agent.training.running.census import descendants
from agent.training.running.limits import Limits
from agent.training.running.lookout import GLANCE_S, Lookout

_PARENT_DIED = signal.SIGHUP


class Word(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`status`: as os.waitstatus_to_exitcode has it, of the program, which has ended. `exceeded`: why it had to."""

    notice: str = ""
    status: int | None = None
    exceeded: str = ""


@dataclass(slots=True, kw_only=True)
class Guard:
    limits: Limits
    words: int
    _warden: int = 0
    _has_ended: bool = False
    _leave_by: float | None = None

    def stand(self, parent: int, program: Sequence[str]) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, warden.HEARD)
        refused = isolation.part(network=self.limits.network)
        if refused and not self.limits.network:
            self._say(Word(notice=_NETWORK_IS_THERE.format(refused)))
        if not self.limits.disk and not landlock.is_there():
            self._say(Word(notice=_DISK_IS_THERE))
        # After the parting, which would undo it.
        isolation.die_with(parent, _PARENT_DIED)
        isolation.adopt_orphans()
        self._warden = os.fork()
        if self._warden == 0:
            isolation.die_with(os.getppid(), signal.SIGKILL)
            warden.keep(program, self.limits, lambda status: self._say(Word(status=status)))
        for descriptor in (0, 1):
            # Whoever reads the program's output is to see its end, and not ours.
            os.close(descriptor)
        exceeded = self._watch()
        self._end_all()
        if exceeded:
            self._say(Word(exceeded=exceeded))

    def _watch(self) -> str:
        """Until the program has ended or has to; what of its limits it had exceeded."""
        lookout = Lookout(ancestor=os.getpid(), limits=self.limits)
        while True:
            heard = signal.sigtimedwait(warden.HEARD, GLANCE_S)
            self._reap()
            if self._has_ended:
                return ""
            if heard is not None and heard.si_signo in (signal.SIGTERM, signal.SIGINT):
                self._ask_to_leave()
            exceeded = lookout.excess()
            if exceeded or self._is_over(heard):
                return exceeded

    def _ask_to_leave(self) -> None:
        if self._leave_by is None:
            self._leave_by = time.monotonic() + self.limits.grace_s
            os.kill(self._warden, signal.SIGTERM)

    def _is_over(self, heard: signal.struct_siginfo | None) -> bool:
        asked_long_ago = self._leave_by is not None and time.monotonic() > self._leave_by
        return asked_long_ago or (heard is not None and heard.si_signo == _PARENT_DIED)

    def _reap(self) -> None:
        with suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                self._has_ended = self._has_ended or found[0] == self._warden

    def _end_all(self) -> None:
        """On return none of them lives."""
        if not self._has_ended:
            # In a namespace of its own this is all of them, and it is not ended before they are.
            os.kill(self._warden, signal.SIGKILL)
        while found := descendants(os.getpid()):
            _kill(found)
            signal.sigtimedwait((signal.SIGCHLD,), GLANCE_S)
            self._reap()
        self._reap()

    def _say(self, word: Word) -> None:
        # An agent that has gone reads no more.
        with suppress(BrokenPipeError):
            os.write(self.words, msgspec.json.encode(word) + b"\n")


_NETWORK_IS_THERE = (
    "the network's code can reach the network, for this node's kernel refuses namespaces ({}): "
    "allow user namespaces to the agent's user"
)
_DISK_IS_THERE = (
    "the network's code can read and write what the agent's user can, for this node's kernel has no Landlock: "
    "it takes Linux 5.13 or later, with `landlock` in /sys/kernel/security/lsm"
)


def _kill(processes: Sequence[int]) -> None:
    """A whole group at a time: what forks in it meanwhile is in it as well."""
    for process in processes:
        with suppress(ProcessLookupError):
            group = os.getpgid(process)
            if group != os.getpgrp():
                os.killpg(group, signal.SIGKILL)
            os.kill(process, signal.SIGKILL)


def main(arguments: Sequence[str]) -> None:
    limits, parent, words, *program = arguments
    os.set_inheritable(int(words), False)
    guard = Guard(limits=msgspec.json.decode(limits, type=Limits), words=int(words))
    guard.stand(int(parent), program)


if __name__ == "__main__":
    main(sys.argv[1:])
