"""The wall clock may be set at any moment: who reads it is listed here, and nobody decides by it."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
PARTS = ("fogline", "controlplane", "agent", "shared", "simulations")
READINGS = {"time.time", "time.time_ns", "datetime.now", "datetime.utcnow", "datetime.today", "date.today"}
MAY_READ = {
    "agent/clock.py",
    "controlplane/clock.py",
    # When a record was made, or a measurement: times for people.
    "simulations/demo/feed.py",
    "simulations/bench/__main__.py",
    "simulations/running/sending.py",
    # Answers so long after a record was made, which its header says: on one machine, in tests.
    "simulations/running/echo.py",
    "fogline/experiments.py",
    "simulations/bench/figures/watchers.py",
    # Compared with the age of a folder that is locked as well.
    "simulations/kafka/scratch.py",
}
# `Clock.now` of an agent: when a phase or a span began, and what `latency_ms` compares with another machine's clock.
MAY_ASK_AN_AGENTS_CLOCK = {
    "agent/clock.py",
    # The hours, and the days, that a site's people have given.
    "agent/federation/participant/permission.py",
    # Once, for the times of its log, which whoever takes over goes on from.
    "agent/federation/coordinator/attempt.py",
    "agent/progress.py",
    "agent/inference/pipeline.py",
    "agent/inference/tracing.py",
}


def readers(attributes: set[str], *parts: str) -> set[str]:
    """Files that mention one of these names, each a chain of attributes."""
    found = set()
    for path in (path for part in parts for path in (ROOT / part).rglob("*.py")):
        chains = {
            ast.unparse(node) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)
        }
        if any(chain == name or chain.endswith(f".{name}") for chain in chains for name in attributes):
            found.add(str(path.relative_to(ROOT)))
    return found


def test_the_wall_clock_is_read_where_it_may_be_and_nowhere_else() -> None:
    assert readers(READINGS, *PARTS) == MAY_READ


def test_an_agent_asks_the_wall_clock_for_people_only() -> None:
    assert readers({"clock.now", "_clock.now"}, "agent") <= MAY_ASK_AN_AGENTS_CLOCK
