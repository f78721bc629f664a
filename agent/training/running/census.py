"""Who descends from a process, and what they hold: read from /proc."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
# Pages of files are left out: a mapped shelf is as large as its stream, and the kernel takes them back when it must.
_OWN_MEMORY = ("RssAnon:", "RssShmem:", "VmSwap:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    processes: int
    memory_bytes: int


def descendants(ancestor: int) -> tuple[int, ...]:
    """All that live, whatever session or group they have moved to; zombies are none."""
    children: dict[int, list[int]] = {}
    dead: set[int] = set()
    for process, parent, state in _everybody():
        children.setdefault(parent, []).append(process)
        if state in "ZX":
            dead.add(process)
    found = list(children.get(ancestor, ()))
    for process in found:
        found.extend(children.get(process, ()))
    return tuple(process for process in found if process not in dead)


def held(processes: tuple[int, ...]) -> Held:
    """Pages that a parent and its child still share count twice."""
    return Held(processes=len(processes), memory_bytes=sum(map(_memory_bytes, processes)))


def tasks_of_the_box() -> int:
    """Processes and threads of everybody: one small file, however many there are; 0 where it cannot be read."""
    fields = _content(_PROC / "loadavg").split()
    return int(fields[3].partition("/")[2]) if len(fields) > 3 else 0


def roughly_held_bytes(processes: tuple[int, ...]) -> int:
    """Without what is shared or swapped: one line a process."""
    fields = (_content(_PROC / str(process) / "statm").split() for process in processes)
    return sum(int(one[1]) - int(one[2]) for one in fields if one) * _PAGE_BYTES


def _everybody() -> Iterator[tuple[int, int, str]]:
    for folder in _PROC.iterdir():
        if folder.name.isdigit():
            # The name stands in brackets, and may hold brackets and blanks itself.
            fields = _content(folder / "stat").rpartition(")")[2].split()
            if fields:
                yield int(folder.name), int(fields[1]), fields[0]


def _memory_bytes(process: int) -> int:
    lines = (line.split() for line in _content(_PROC / str(process) / "status").splitlines())
    return sum(int(line[1]) * 1024 for line in lines if line and line[0] in _OWN_MEMORY)


def _content(path: Path) -> str:
    """Empty of a process that has just gone."""
    try:
        return path.read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""
