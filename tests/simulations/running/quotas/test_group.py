from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.running.quotas.group import LEAST_QUOTA_US, LONGEST_PERIOD_US, PERIOD_US, Group, quota
from simulations.running.quotas.hierarchy import Version


@given(st.floats(0.001, 1024))
def test_a_quota_is_the_share_asked_for_and_one_that_linux_takes(cores: float) -> None:
    quota_us, period_us = quota(cores)
    assert quota_us >= LEAST_QUOTA_US
    assert PERIOD_US <= period_us <= LONGEST_PERIOD_US
    assert quota_us / period_us == pytest.approx(cores, rel=1e-3)


def test_less_than_linux_takes_is_refused() -> None:
    with pytest.raises(ValueError, match="the least that Linux takes"):
        quota(0.0009)


def test_version_two_has_one_file_and_its_parent_hands_the_controller_on(tmp_path: Path) -> None:
    handed_on = tmp_path / "cgroup.subtree_control"
    handed_on.write_text("memory pids")
    Group(version=Version.TWO, path=tmp_path / "one").make(0.25)
    assert (tmp_path / "one" / "cpu.max").read_text() == "5000 20000"
    assert handed_on.read_text() == "+cpu"


def test_version_one_has_two_files(tmp_path: Path) -> None:
    Group(version=Version.ONE, path=tmp_path / "one").make(2)
    assert (tmp_path / "one" / "cpu.cfs_quota_us").read_text() == "40000"
    assert (tmp_path / "one" / "cpu.cfs_period_us").read_text() == "20000"
