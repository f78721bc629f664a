"""The settings of a node follow from the cluster alone."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.kafka.config import ClusterConfig, Door, NodePorts, properties, render


def cluster(nodes: int, **extra: str) -> ClusterConfig:
    ports = tuple(NodePorts(broker=9000 + k, controller=9100 + k) for k in range(1, nodes + 1))
    return ClusterConfig(ports=ports, extra=extra)


def java_reads(text: str) -> dict[str, str]:
    """As `java.util.Properties` would, for keys without escapes."""
    pairs = (line.split("=", 1) for line in text.splitlines())
    return {
        key: value.encode().decode("unicode_escape").encode("utf-16", "surrogatepass").decode("utf-16")
        for key, value in pairs
    }


def test_one_node_needs_no_other() -> None:
    settings = properties(cluster(1), 1, Path("/data"))
    assert settings["controller.quorum.voters"] == "1@127.0.0.1:9101"
    assert settings["default.replication.factor"] == "1"
    assert settings["min.insync.replicas"] == "1"


@pytest.mark.parametrize("topic", ["default", "offsets.topic", "transaction.state.log"])
def test_three_nodes_keep_every_log_three_times(topic: str) -> None:
    assert properties(cluster(3), 2, Path("/data"))[f"{topic}.replication.factor"] == "3"


def test_two_of_three_must_have_a_record_before_it_is_acknowledged() -> None:
    settings = properties(cluster(3), 2, Path("/data"))
    assert settings["min.insync.replicas"] == "2"
    assert settings["transaction.state.log.min.isr"] == "2"


def test_each_node_listens_on_its_own_ports_and_knows_all_controllers() -> None:
    settings = properties(cluster(3), 2, Path("/data"))
    assert settings["listeners"] == "PLAINTEXT://127.0.0.1:9002,CONTROLLER://127.0.0.1:9102"
    assert settings["advertised.listeners"] == "PLAINTEXT://127.0.0.1:9002"
    assert settings["controller.quorum.voters"] == "1@127.0.0.1:9101,2@127.0.0.1:9102,3@127.0.0.1:9103"


def test_who_comes_through_a_door_is_told_to_come_back_through_it() -> None:
    ports = NodePorts(broker=9001, controller=9101, doors={"FROM_EDGE": Door(port=9301, advertised=9401)})
    config = ClusterConfig(ports=(ports,))
    settings = properties(config, 1, Path("/data"))
    assert "FROM_EDGE://127.0.0.1:9301" in settings["listeners"].split(",")
    assert "FROM_EDGE://127.0.0.1:9401" in settings["advertised.listeners"].split(",")
    assert "FROM_EDGE:PLAINTEXT" in settings["listener.security.protocol.map"].split(",")
    assert set(ports) == {9001, 9101, 9301}
    assert config.doors("FROM_EDGE") == (Door(port=9301, advertised=9401),)


def test_extra_properties_stand_above_ours() -> None:
    extra = {"group.initial.rebalance.delay.ms": "3000"}
    assert properties(cluster(1, **extra), 1, Path("/data")).items() >= extra.items()


def test_clients_are_told_the_running_nodes_only() -> None:
    assert cluster(3).bootstrap_servers_of([1, 3]) == "127.0.0.1:9001,127.0.0.1:9003"


@given(st.text())
def test_java_reads_what_was_meant(value: str) -> None:
    assert java_reads(render({"log.dirs": value})) == {"log.dirs": value}
