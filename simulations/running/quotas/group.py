"""One control group with a share of the processor."""

import errno
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from simulations.programs import await_condition
from simulations.running.quotas.hierarchy import Version

# Within a period a group first uses its quota and then stands still, which a weaker processor would not do: the
# shorter, the more alike, but beginning again costs something each time. Linux takes no quota below 1 ms.
PERIOD_US = 20_000
LEAST_QUOTA_US = 1_000
LONGEST_PERIOD_US = 1_000_000
# A process that has ended leaves its group a moment later.
REMOVE_DEADLINE_S = 5.0


def quota(cores: float) -> tuple[int, int]:
    """Microseconds of processor time in a period, and the period. Raises ValueError for less than Linux takes."""
    period_us = max(PERIOD_US, min(LONGEST_PERIOD_US, round(LEAST_QUOTA_US / cores)))
    quota_us = round(cores * period_us)
    if quota_us < LEAST_QUOTA_US:
        raise ValueError(f"is less than {LEAST_QUOTA_US / LONGEST_PERIOD_US:g}, the least that Linux takes")
    return quota_us, period_us


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    version: Version
    path: Path

    def make(self, cores: float) -> None:
        """With its limit, and no process yet. Raises OSError where it may not be, and then leaves nothing."""
        if self.version is Version.TWO:
            _share_out(self.path.parent)
        self.path.mkdir()
        try:
            self._limit(*quota(cores))
        except OSError:
            self.path.rmdir()
            raise

    def _limit(self, quota_us: int, period_us: int) -> None:
        if self.version is Version.TWO:
            (self.path / "cpu.max").write_text(f"{quota_us} {period_us}")
        else:
            (self.path / "cpu.cfs_period_us").write_text(str(period_us))
            (self.path / "cpu.cfs_quota_us").write_text(str(quota_us))

    def remove(self) -> None:
        """Once its processes have ended. Raises OSError when they do not, or it is gone."""
        if not await_condition(self._is_removed, deadline_s=REMOVE_DEADLINE_S):
            raise OSError(errno.EBUSY, "still has processes", str(self.path))

    def remove_if_empty(self) -> None:
        """Leaves one with processes as it is."""
        with suppress(OSError):
            self.path.rmdir()

    def _is_removed(self) -> bool:
        try:
            self.path.rmdir()
        except OSError as error:
            if error.errno == errno.EBUSY:
                return False
            raise
        return True


def _share_out(parent: Path) -> None:
    """In version 2 a group's children have only the controllers that it hands on."""
    handed_on = parent / "cgroup.subtree_control"
    if "cpu" not in handed_on.read_text().split():
        handed_on.write_text("+cpu")
