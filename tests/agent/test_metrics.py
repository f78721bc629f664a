import pytest
from prometheus_client import parser

from agent.metrics import Metrics


def test_the_text_is_what_prometheus_client_itself_can_read() -> None:
    metrics = Metrics()
    metrics.counter("records_total", "Records.", outcome='odd "quoted"\nlabel').add(3)
    metrics.gauge("lag", "Lag.").set(1.5)
    seconds = metrics.histogram("wait_seconds", "Wait.", tier="edge")
    for value in (0.0001, 0.3, 99.0):
        seconds.observe(value)
    families = {family.name: family for family in parser.text_string_to_metric_families(metrics.render())}
    assert families["records"].samples[0].labels == {"outcome": 'odd "quoted"\nlabel'}
    assert families["lag"].samples[0].value == 1.5
    buckets = [one.value for one in families["wait_seconds"].samples if one.name.endswith("_bucket")]
    assert buckets == sorted(buckets)
    assert buckets[-1] == 3


def test_the_same_name_and_labels_are_the_same_metric() -> None:
    metrics = Metrics()
    assert metrics.counter("a_total", "A.", x="1") is metrics.counter("a_total", "A.", x="1")
    assert metrics.counter("a_total", "A.", x="1") is not metrics.counter("a_total", "A.", x="2")


def test_a_name_keeps_its_kind() -> None:
    metrics = Metrics()
    metrics.counter("a_total", "A.")
    with pytest.raises(TypeError, match="a_total is a counter"):
        metrics.gauge("a_total", "A.")


def test_what_is_removed_is_not_shown() -> None:
    metrics = Metrics()
    metrics.counter("a_total", "A.", workload="gone", tier="edge").add()
    metrics.counter("a_total", "A.", workload="here", tier="edge").add()
    metrics.remove(workload="gone")
    assert "gone" not in metrics.render()
    assert "here" in metrics.render()


def test_a_gauge_may_ask_each_time() -> None:
    metrics, depth = Metrics(), [1, 2]
    metrics.gauge("depth", "Depth.").read_from(lambda: len(depth))
    assert "depth 2" in metrics.render()
    depth.clear()
    assert "depth 0" in metrics.render()
