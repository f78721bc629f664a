from pathlib import Path

import pytest

from agent import facts

GIB = 1024**3


def box(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


MEMINFO = {"proc/meminfo": f"MemFree: 5 kB\nMemTotal:       {8 * GIB // 1024} kB\n"}


def test_the_narrowest_limit_of_all_groups_above_counts(tmp_path: Path) -> None:
    root = box(
        tmp_path,
        {
            "proc/self/cgroup": "0::/outer/inner\n",
            "sys/fs/cgroup/outer/cpu.max": "250000 100000\n",
            "sys/fs/cgroup/outer/inner/cpu.max": "max 100000\n",
            "sys/fs/cgroup/outer/memory.max": f"{GIB}\n",
            "sys/fs/cgroup/outer/inner/memory.max": "max\n",
            **MEMINFO,
        },
    )
    groups = tuple(facts.cgroups(root))
    assert facts.cores(groups, available=8) == 2
    assert facts.memory_bytes(groups, root) == GIB


def test_the_first_version_of_control_groups_counts_as_well(tmp_path: Path) -> None:
    root = box(
        tmp_path,
        {
            "proc/self/cgroup": "4:memory:/box\n3:cpu,cpuacct:/box\n",
            "sys/fs/cgroup/cpu/box/cpu.cfs_quota_us": "150000\n",
            "sys/fs/cgroup/cpu/box/cpu.cfs_period_us": "100000\n",
            "sys/fs/cgroup/memory/box/memory.limit_in_bytes": f"{2 * GIB}\n",
            **MEMINFO,
        },
    )
    groups = tuple(facts.cgroups(root))
    assert facts.cores(groups, available=8) == 1
    assert facts.memory_bytes(groups, root) == 2 * GIB


@pytest.mark.parametrize("quota", ["-1", "max", ""])
def test_without_a_quota_the_processors_we_may_use_count(tmp_path: Path, quota: str) -> None:
    root = box(tmp_path, {"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": f"{quota} 100000\n", **MEMINFO})
    groups = tuple(facts.cgroups(root))
    assert facts.cores(groups, available=4) == 4
    assert facts.memory_bytes(groups, root) == 8 * GIB


def test_a_box_that_tells_nothing_has_one_core_and_unknown_memory(tmp_path: Path) -> None:
    assert facts.cores((), available=1) == 1
    assert facts.memory_bytes((), tmp_path) == 0
    assert facts.gpu_memory_bytes(tmp_path) == 0


@pytest.mark.parametrize(
    ("script", "gib"),
    [("echo 24576; echo 24576", 48), ("echo '[N/A]'", 0), ("exit 9", 0), ("exec /no/such/program", 0)],
)
def test_gpu_memory_is_what_the_driver_says_of_all_gpus(tmp_path: Path, script: str, gib: int) -> None:
    root = box(tmp_path, {"proc/driver/nvidia/version": "NVRM"})
    assert facts.gpu_memory_bytes(root, ask=("sh", "-c", script)) == gib * GIB
    assert facts.gpu_memory_bytes(root, ask=("/no/such/nvidia-smi",)) == 0


def test_this_box_says_what_it_has() -> None:
    found = facts.detect(("inference",))
    assert found.cores >= 1
    assert found.memory_bytes > 2**26
    assert found.workload_kinds == ("inference",)
    assert found.agent_version
