"""What this box has, as a container or a service would see it: the limits put on us count, not the hardware."""

import os
import platform
import subprocess
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

from shared.documents import NodeFacts
from shared.importing import importing

_NO_LIMIT = 1 << 60
_NVIDIA_SMI = ("nvidia-smi", "--query-gpu=memory.total", "--format=csv,noheader,nounits")
_NVIDIA_DEADLINE_S = 10.0


def detect(workload_kinds: tuple[str, ...], *, root: Path = Path("/")) -> NodeFacts:
    """Blocks on files and, where there is an NVIDIA driver, on `nvidia-smi`. `root` holds `proc`, `sys` and `etc`."""
    # Brings numpy along, 0.1 s: here it is imported while the network and the disk are waited for.
    with importing():
        from agent.backends.registry import available

    groups = tuple(cgroups(root))
    return NodeFacts(
        cores=cores(groups, available=len(os.sched_getaffinity(0))),
        memory_bytes=memory_bytes(groups, root),
        gpu_memory_bytes=gpu_memory_bytes(root),
        architecture=platform.machine(),
        operating_system=operating_system(root),
        backends=available(),
        workload_kinds=workload_kinds,
        agent_version=version("fogline"),
    )


def cgroups(root: Path) -> Iterator[Path]:
    """This process's control groups and all above them, of both versions: each may set a limit."""
    mounts = root / "sys/fs/cgroup"
    for line in _read(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(",") if controllers else [""]:
            mount = mounts / controller
            folder = mount / path.lstrip("/")
            yield from (one for one in (folder, *folder.parents) if one.is_relative_to(mount))


def cores(groups: tuple[Path, ...], *, available: int) -> int:
    """Whole cores, at least one: 1.5 cores of quota run one busy thread well, not two."""
    quotas = (quota for group in groups if (quota := _cpu_quota(group)) is not None)
    return max(1, int(min((float(available), *quotas))))


def memory_bytes(groups: tuple[Path, ...], root: Path) -> int:
    total = next((line for line in _read(root / "proc/meminfo").splitlines() if line.startswith("MemTotal:")), "")
    physical = int(total.split()[1]) * 1024 if total else 0
    names = ("memory.max", "memory.limit_in_bytes")
    limits = [int(text) for group in groups for name in names if (text := _read(group / name).strip()).isdecimal()]
    return min((physical or _NO_LIMIT, *limits)) % _NO_LIMIT


def gpu_memory_bytes(root: Path, *, ask: Sequence[str] = _NVIDIA_SMI) -> int:
    """Of all NVIDIA GPUs together; 0 where there is no driver or it does not say."""
    if not (root / "proc/driver/nvidia/version").exists():
        return 0
    try:
        answer = subprocess.run(ask, capture_output=True, text=True, timeout=_NVIDIA_DEADLINE_S, check=True)
    except (OSError, subprocess.SubprocessError):
        return 0
    return sum(int(line) for line in answer.stdout.split() if line.isdecimal()) * 1024 * 1024


def operating_system(root: Path) -> str:
    for line in _read(root / "etc/os-release").splitlines():
        name, _, value = line.partition("=")
        if name == "PRETTY_NAME":
            return value.strip('"')
    return platform.system()


def _cpu_quota(group: Path) -> float | None:
    quota, _, period = _read(group / "cpu.max").strip().partition(" ")
    if not quota:
        quota, period = (_read(group / name).strip() for name in ("cpu.cfs_quota_us", "cpu.cfs_period_us"))
    return int(quota) / int(period) if quota.isdecimal() and period.isdecimal() else None


def _read(path: Path) -> str:
    """What does not exist, or is not for us to read, sets no limit."""
    try:
        return path.read_text()
    except OSError:
        return ""
