"""What the shell counts: assignments, reports, workloads. What a workload counts is its own."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from agent.generations import Verdict
from agent.metrics import Metrics
from shared.documents import Phase, WorkloadStatus

_PAGE_BYTES = 4096


class ShellMetrics:
    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def show(
        self,
        *,
        held: Callable[[], int],
        highest: Callable[[], int],
        is_there: Callable[[], bool],
        statuses: Callable[[], tuple[WorkloadStatus, ...]],
    ) -> None:
        """Gauges ask when somebody looks, so that nothing has to be kept in step."""
        gauge = self._metrics.gauge
        gauge("fogline_agent_generation", "Generation of the assignment this node works by.").read_from(held)
        gauge("fogline_agent_highest_generation", "Highest generation ever seen.").read_from(highest)
        gauge("fogline_agent_control_plane_up", "1 while the control plane answers.").read_from(is_there)
        gauge("fogline_agent_resident_memory_bytes", "Resident memory of the agent.").read_from(resident_memory_bytes)
        for phase in Phase:
            counted = gauge("fogline_agent_workloads", "Workloads, by phase.", phase=phase.value)
            counted.read_from(partial(_in_phase, statuses, phase))

    def judged(self, verdict: Verdict) -> None:
        name, help = "fogline_agent_assignments_total", "Assignments offered, by verdict."
        self._metrics.counter(name, help, verdict=verdict.name.lower()).add()


def _in_phase(statuses: Callable[[], tuple[WorkloadStatus, ...]], phase: Phase) -> int:
    return sum(one.phase is phase for one in statuses())


def resident_memory_bytes() -> float:
    return float(int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE_BYTES)
