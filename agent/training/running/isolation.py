"""What a process gives up before it becomes somebody else's code. Linux; by ctypes, for Python has no words for it."""

import ctypes
import os
import resource
import signal
from contextlib import suppress
from pathlib import Path

from agent.training.running import landlock
from agent.training.running.limits import Limits
from agent.training.running.reach import granted

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWNS = 0x00020000
_CLONE_NEWIPC = 0x08000000
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWPID = 0x20000000
_CLONE_NEWNET = 0x40000000
_MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 1 << 1, 1 << 2, 1 << 3
_MS_REC, _MS_PRIVATE = 1 << 14, 1 << 18
_MOST_KILLABLE = "1000"
_libc = ctypes.CDLL(None, use_errno=True)


def die_with(parent: int, number: signal.Signals) -> None:
    """The kernel sends this signal when the parent dies, however it does. Raises OSError, ProcessLookupError."""
    _prctl(_PR_SET_PDEATHSIG, number)
    # A parent from which a namespace parts us has the number 0.
    if os.getppid() not in (parent, 0):
        raise ProcessLookupError("the parent died before it could be watched")


def adopt_orphans() -> None:
    """Descendants whose parents die become our children, and can be found."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def part(*, network: bool) -> str:
    """Into namespaces of its own: the first child is what all others die with, and without `network` none has any.

    The user namespace is what lets anybody do so, and keeps children from looking into other processes of their user.
    Why this was refused, empty where it was not.
    """
    user, group = os.geteuid(), os.getegid()
    flags = _CLONE_NEWPID | _CLONE_NEWIPC | (0 if network else _CLONE_NEWNET)
    try:
        _unshare(flags | _CLONE_NEWUSER)
    except OSError as refused:
        with suppress(OSError):
            _unshare(flags)
            return ""
        return refused.strerror or str(refused)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    return ""


def see_own_processes_alone() -> None:
    """In the first process of a namespace: /proc is of that namespace. Raises OSError.

    A kernel refuses it where parts of /proc are covered up, as containers and systemd units have it.
    """
    _unshare(_CLONE_NEWNS)
    # What is mounted here is mounted for nobody else.
    _mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE)
    _mount(b"proc", b"/proc", b"proc", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC)


def give_up(limits: Limits) -> None:
    """In the child, before it becomes another program. Raises OSError."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    os.nice(limits.niceness)
    # A dump of the core is as large as the process.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # When the box itself runs short, this goes before what answers records.
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_MOST_KILLABLE)
    # A kernel without it leaves what the owner of files may do anyway.
    if not limits.disk and landlock.is_there():
        of = landlock.WRITE if limits.reads is None else landlock.WRITE | landlock.READ
        landlock.keep_only(granted(Path.cwd(), limits, os.environ), of=of)


def _prctl(option: int, value: int) -> None:
    _checked(_libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0))


def _unshare(flags: int) -> None:
    _checked(_libc.unshare(flags))


def _mount(source: bytes, target: bytes, kind: bytes | None, flags: int) -> None:
    _checked(_libc.mount(source, target, kind, ctypes.c_ulong(flags), None))


def _checked(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
