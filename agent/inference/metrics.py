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

        def records(outcome: str) -> Counter:
            return metrics.counter(
                "fogline_agent_records_total", "Records delivered, by outcome.", **labels, outcome=outcome
            )

        def count(name: str, help: str) -> Counter:
            return metrics.counter(f"fogline_agent_{name}_total", help, **labels)

        def seconds(name: str, help: str) -> Histogram:
            return metrics.histogram(f"fogline_agent_{name}_seconds", help, **labels)

        return cls(
            records_in=count("records_in", "Records taken from the input topic."),
            answered=records("answer"),
            forwarded=records("forward"),
            dead_lettered=records("dead_letter"),
            degraded=records("degraded"),
            spooled=count("spooled_records", "Records put on disk because the upper tier was away."),
            raw_bytes=count("raw_bytes", "Bytes of the input records, keys and headers counted."),
            up_bytes=count("up_bytes", "Bytes of the records sent to the upper tier, keys and headers counted."),
            batches=count("batches", "Micro-batches inferred."),
            queue_seconds=seconds("queue", "From taking a micro-batch to the begin of its inference."),
            inference_seconds=seconds("inference", "Inference of one micro-batch."),
            delivery_seconds=seconds("delivery", "From sending a micro-batch's results to their last acknowledgement."),
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
