"""Programs held by the real guard, also on kernels that refuse something, and what is left of them."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from agent.training.running.confined import Confined, Ending
from agent.training.running.limits import Limits

SMALL = Limits(memory_bytes=200 * 2**20, processes=20, grace_s=0.5)
NO_NAMESPACES = 77
_USER, _MOUNTS = 0x10000000, 0x00020000
_OWN_USER = f"""\
if libc.unshare({_USER | _MOUNTS}): sys.exit({NO_NAMESPACES})
Path("/proc/self/setgroups").write_text("deny")
Path("/proc/self/uid_map").write_text("{{user}} {os.geteuid()} 1")
Path("/proc/self/gid_map").write_text("{{user}} {os.getegid()} 1")
"""
WITHOUT_NAMESPACES = _OWN_USER.format(user=1000) + (
    'for kind in ("user", "net", "pid"): Path(f"/proc/sys/user/max_{kind}_namespaces").write_text("0")\n'
)
# A file of /proc is bound over, as containers have it: nobody may mount one without that.
WITH_COVERED_PROC = _OWN_USER.format(user=os.geteuid()) + (
    'if libc.mount(b"/dev/null", b"/proc/version", None, ctypes.c_ulong(4096), None): sys.exit("not covered")\n'
)
# Calls of landlock_create_ruleset are answered as by a kernel that knows none.
WITHOUT_LANDLOCK = """\
steps = [(0x20, 0, 0, 0), (0x15, 0, 1, 444), (0x06, 0, 0, 0x00050026), (0x06, 0, 0, 0x7FFF0000)]
content = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *one) for one in steps))
program = ctypes.create_string_buffer(struct.pack("@HP", len(steps), ctypes.addressof(content)))
if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, program): sys.exit("no filter")
"""


async def ran(folder: Path, code: str, *, limits: Limits = SMALL, given: bytes = b"") -> tuple[Ending, list[str]]:
    said: list[bytes] = []
    notices: list[str] = []
    program = Confined(arguments=("-c", code), folder=folder, limits=limits, given=given)
    async with asyncio.timeout(120):
        ending = await program.run(said=said.append, noticed=notices.append)
    assert not notices
    return ending, [line.decode() for line in said]


def confining(folder: Path, code: str, limits: str = "Limits()") -> str:
    """A program that runs another one confined, and says what that says, its notices and its ending."""
    return (
        "import asyncio; from pathlib import Path; from agent.training.running.confined import Confined;"
        " from agent.training.running.limits import Limits;"
        f" program = Confined(arguments=('-c', {code!r}), folder=Path({str(folder)!r}), limits={limits});"
        " print(asyncio.run(program.run(said=lambda line: print(line.decode(), flush=True), noticed=print)))"
    )


async def said_where(kernel: str, program: str) -> str:
    """By a program on such a kernel, one of the above."""
    prepared = f"import ctypes, os, struct, sys\nfrom pathlib import Path\nlibc = ctypes.CDLL(None)\n{kernel}"
    become = f"os.execv(sys.executable, [sys.executable, '-c', {program!r}])"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", f"{prepared}{become}", stdout=PIPE)
    said, _ = await process.communicate()
    if process.returncode == NO_NAMESPACES:
        pytest.skip("this kernel refuses namespaces anyway")
    assert process.returncode == 0
    return said.decode()


def at_work_in(folder: Path) -> list[int]:
    """Processes whose working folder is this one, or below it; zombies are none."""
    found = []
    for one in Path("/proc").glob("[0-9]*"):
        try:
            working = (one / "cwd").readlink()
        except OSError:
            continue
        if working.is_relative_to(folder):
            found.append(int(one.name))
    return found
