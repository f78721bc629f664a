"""What one inference workload counts. Names and units are the product's: docs list them, dashboards read them."""

from dataclasses import dataclass

from agent.metrics import Counter, Gauge, Histogram, Metrics


@dataclass(frozen=True, slots=True, kw_only=True)
class InferenceMetrics:
    """Totals since the agent started. `raw_bytes` is what the input takes on the wire, `up_bytes` what was sent up."""

    records_in: Counter
    answered: Counter
    forwarded: Counter
    dead_lettered: Counter
    degraded: Counter
    spooled: Counter
    raw_bytes: Counter
    up_bytes: Counter
    batches: Counter
    queue_seconds: Histogram
    inference_seconds: Histogram
    delivery_seconds: Histogram
    lag: Gauge

    @classmethod
    def of(cls, metrics: Metrics, *, workload: str, deployment: str, tier: str) -> "InferenceMetrics":
        labels = {"workload": workload, "deployment": deployment, "tier": tier}
        counter, histogram = metrics.counter, metrics.histogram

        def records(outcome: str) -> Counter:
            return counter("fogline_agent_records_total", "Records delivered, by outcome.", **labels, outcome=outcome)

        return cls(
            records_in=counter("fogline_agent_records_in_total", "Records taken from the input topic.", **labels),
            answered=records("answer"),
            forwarded=records("forward"),
            dead_lettered=records("dead_letter"),
            degraded=records("degraded"),
            spooled=counter(
                "fogline_agent_spooled_records_total", "Records put on disk: the upper tier was away.", **labels
            ),
            raw_bytes=counter(
                "fogline_agent_raw_bytes_total", "Bytes of the input records, keys and headers counted.", **labels
            ),
            up_bytes=counter(
                "fogline_agent_up_bytes_total", "Bytes sent to the upper tier, keys and headers counted.", **labels
            ),
            batches=counter("fogline_agent_batches_total", "Micro-batches inferred.", **labels),
            queue_seconds=histogram(
                "fogline_agent_queue_seconds", "From taking a micro-batch to the begin of its inference.", **labels
            ),
            inference_seconds=histogram("fogline_agent_inference_seconds", "Inference of one micro-batch.", **labels),
            delivery_seconds=histogram(
                "fogline_agent_delivery_seconds", "From sending results to their last acknowledgement.", **labels
            ),
            lag=metrics.gauge("fogline_agent_lag_records", "Records waiting in the assigned partitions.", **labels),
        )

    def totals(self) -> dict[str, float]:
        """The counters of a `WorkloadStatus`."""
        return {
            "records_in": self.records_in.value,
            "answered": self.answered.value,
            "forwarded": self.forwarded.value,
            "dead_lettered": self.dead_lettered.value,
            "degraded": self.degraded.value,
            "spooled": self.spooled.value,
            "raw_bytes": self.raw_bytes.value,
            "up_bytes": self.up_bytes.value,
            "lag": self.lag.value,
        }
