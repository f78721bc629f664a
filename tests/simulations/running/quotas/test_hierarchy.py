from pathlib import Path

from simulations.running.quotas.hierarchy import Place, Version, places

SYSTEMD = "29 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
HYBRID = """\
30 23 0:26 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
31 23 0:27 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
32 23 0:28 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
"""


def test_version_two_begins_at_the_own_group_and_goes_up_to_the_mount() -> None:
    found = places(SYSTEMD, "0::/user.slice/session-1.scope\n")
    root = Path("/sys/fs/cgroup")
    assert [place.path for place in found] == [root / "user.slice/session-1.scope", root / "user.slice", root]
    assert {place.version for place in found} == {Version.TWO}


def test_of_version_one_only_the_controller_of_the_processor_counts() -> None:
    found = places(HYBRID, "3:memory:/jobs/one\n2:cpu,cpuacct:/jobs\n0::/\n")
    cpu = Path("/sys/fs/cgroup/cpu,cpuacct")
    assert found == (
        Place(version=Version.ONE, path=cpu / "jobs"),
        Place(version=Version.ONE, path=cpu),
        Place(version=Version.TWO, path=Path("/sys/fs/cgroup/unified")),
    )


def test_a_container_sees_its_own_group_where_the_mount_begins() -> None:
    mount = r"40 1 0:30 /docker/abc /my\040groups ro - cgroup cgroup rw,cpu"
    assert [place.path for place in places(mount, "4:cpu:/docker/abc\n")] == [Path("/my groups")]
    assert [place.path for place in places(mount, "4:cpu:/elsewhere\n")] == [Path("/my groups")]


def test_where_nothing_is_mounted_there_is_no_place() -> None:
    assert places("22 1 0:20 / /proc rw - proc proc rw\n", "0::/\n") == ()
    assert places(SYSTEMD, "2:memory:/\n") == ()
