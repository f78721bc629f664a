"""Who wants spans, and which records ask for one."""

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.traces import Parent, is_wanted, parse
from shared.errors import UnavailableError

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
COLLECTOR = "http://collector.example:4318"


@given(st.integers(1, 2**128 - 1), st.integers(1, 2**64 - 1), st.integers(0, 255))
def test_a_sampled_traceparent_names_its_parent_and_another_asks_for_no_span(trace: int, span: int, flags: int) -> None:
    found = parse(f"00-{trace:032x}-{span:016x}-{flags:02x}".encode())
    assert found == (Parent(trace, span) if flags % 2 else None)


@given(st.binary(max_size=60) | st.none())
def test_what_is_no_traceparent_asks_for_no_span(value: bytes | None) -> None:
    assert parse(value) is None


@pytest.mark.parametrize(
    "value",
    [
        f"00-{TRACE}-{SPAN}-01-more",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
    ],
)
def test_what_the_standard_forbids_asks_for_no_span(value: str) -> None:
    assert parse(value.encode()) is None


def test_a_later_version_may_say_more() -> None:
    assert parse(f"01-{TRACE}-{SPAN}-01-more".encode()) == Parent(int(TRACE, 16), int(SPAN, 16))


@pytest.mark.parametrize(
    ("endpoint", "environ", "wanted"),
    [
        (None, {}, False),
        (COLLECTOR, {}, True),
        (None, {"OTEL_EXPORTER_OTLP_ENDPOINT": COLLECTOR}, True),
        (None, {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": COLLECTOR}, True),
        (None, {"OTEL_SERVICE_NAME": "edge"}, False),
        (COLLECTOR, {"OTEL_SDK_DISABLED": "true"}, False),
        (COLLECTOR, {"OTEL_TRACES_EXPORTER": "none"}, False),
    ],
)
def test_spans_are_for_who_names_a_collector(endpoint: str | None, environ: dict[str, str], wanted: bool) -> None:
    assert is_wanted(endpoint, environ) is wanted


def in_a_process_of_its_own(program: str) -> str:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environ, timeout=60
    )
    return done.stdout.strip()


def test_without_a_collector_opentelemetry_is_not_imported() -> None:
    program = (
        "import sys, agent.__main__, agent.inference.workload\n"
        "from agent.traces import open_traces\n"
        "with open_traces(None, {}) as traces: print(traces, 'opentelemetry' in sys.modules)"
    )
    assert in_a_process_of_its_own(program) == "None False"


def test_without_the_extra_the_remedy_is_named() -> None:
    program = (
        "import sys; sys.modules['opentelemetry'] = None\n"
        "from agent.__main__ import main\n"
        f"main(['--control-plane', 'http://127.0.0.1:9', '--state-dir', '/nowhere', '--otel-endpoint', '{COLLECTOR}'])"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ended.returncode == UnavailableError.exit_code
    (line,) = ended.stderr.splitlines()
    assert "pip install 'fogline[otel]'" in line


def test_a_collector_that_is_away_does_not_keep_an_agent_from_ending() -> None:
    # The thread that still sends outlives `with`: in a process of its own nobody else meets it.
    program = (
        "from agent.traces import Parent, open_traces\n"
        "with open_traces('http://127.0.0.1:9', {}) as traces:\n"
        "    traces.begin('edge', Parent(1, 2), began_ns=0, attributes={}).end(outcome='answer', reason='')\n"
        "print('ended')"
    )
    assert in_a_process_of_its_own(program).splitlines()[-1] == "ended"
