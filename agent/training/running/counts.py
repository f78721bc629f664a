"""What a training run counts."""

from dataclasses import dataclass
from typing import Self

from agent.metrics import Counter, Metrics


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingCounts:
    offsets: Counter
    steps: Counter
    crashes: Counter

    @classmethod
    def of(cls, metrics: Metrics, *, workload: str, request: str, network: str) -> Self:
        labels = {"workload": workload, "request": request, "network": network}
        return cls(
            offsets=metrics.counter(
                "fogline_agent_training_offsets_read_total", "Offsets of announced streams read.", **labels
            ),
            steps=metrics.counter("fogline_agent_training_steps_total", "Steps of training done.", **labels),
            crashes=metrics.counter(
                "fogline_agent_training_crashes_total", "Processes of a run that ended as none should.", **labels
            ),
        )
