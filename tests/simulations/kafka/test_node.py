"""What is shown of a log when its broker fails."""

from pathlib import Path

from simulations.kafka.node import Node, telling_lines

LOG = """\
2026-01-01T00:00:00Z [main] INFO starting
2026-01-01T00:00:00Z [main] ERROR Exiting Kafka due to fatal exception
java.lang.IllegalArgumentException: no
\tat org.example.Main
2026-01-01T00:00:00Z [main] INFO shut down
"""


def test_normal_steps_and_stack_frames_are_left_out() -> None:
    assert telling_lines(LOG) == [
        "2026-01-01T00:00:00Z [main] ERROR Exiting Kafka due to fatal exception",
        "java.lang.IllegalArgumentException: no",
    ]


def test_where_nothing_else_was_said_the_last_steps_are_shown() -> None:
    assert telling_lines("a INFO one\nb INFO two\n", count=1) == ["b INFO two"]


def test_an_earlier_run_is_not_held_against_this_one(tmp_path: Path) -> None:
    node = Node(node_id=1, directory=tmp_path)
    for line in (b"ERROR of the first run\n", b"ERROR of the second run\n"):
        with node.open_log() as log:
            log.write(line)
    assert "first" not in node.failure("failed").last_lines
    assert "second" in str(node.failure("failed"))


def test_a_node_that_never_ran_has_nothing_to_show(tmp_path: Path) -> None:
    assert Node(node_id=1, directory=tmp_path).failure("failed").last_lines == ""
