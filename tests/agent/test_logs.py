import json
import logging
import shlex
from collections.abc import Iterator

import pytest

from agent.logs import JsonLines, Logfmt, LogFormat, configure


def record(message: str, **fields: object) -> logging.LogRecord:
    made = logging.LogRecord("agent.watch", logging.INFO, "", 0, message, None, None)
    vars(made).update(fields)
    return made


def test_logfmt_is_one_line_of_pairs() -> None:
    line = Logfmt().format(record("control plane away", reason='said "no"\nand left', attempt=3))
    pairs = dict(pair.split("=", 1) for pair in shlex.split(line))
    assert "\n" not in line
    assert (pairs["level"], pairs["message"], pairs["attempt"]) == ("info", "control plane away", "3")


def test_json_lines_keep_numbers_as_numbers() -> None:
    fields = json.loads(JsonLines().format(record("assignment accepted", generation=7)))
    assert (fields["message"], fields["generation"], fields["logger"]) == ("assignment accepted", 7, "agent.watch")


@pytest.mark.parametrize("form", [Logfmt(), JsonLines()])
def test_what_is_called_a_secret_never_shows(form: logging.Formatter) -> None:
    assert "s3cret" not in form.format(record("enrolled", enrolment_token="s3cret", sasl_password="s3cret"))


@pytest.mark.parametrize("form", [Logfmt(), JsonLines()])
def test_a_traceback_stays_on_its_line(form: logging.Formatter) -> None:
    made = record("workload failed")
    try:
        raise ValueError("a bug")
    except ValueError as error:
        made.exc_info = (type(error), error, error.__traceback__)
    assert "\n" not in form.format(made)
    assert "ValueError: a bug" in form.format(made)


@pytest.fixture
def logging_as_it_was() -> Iterator[None]:
    root, client = logging.getLogger(), logging.getLogger("aiokafka")
    kept = root.handlers[:], root.level, client.level
    yield
    root.handlers[:] = kept[0]
    root.setLevel(kept[1])
    client.setLevel(kept[2])


@pytest.mark.usefixtures("logging_as_it_was")
@pytest.mark.parametrize(("level", "lines"), [("info", 0), ("error", 0), ("debug", 1)])
def test_what_a_kafka_client_tries_is_told_to_who_looks_for_a_fault_only(
    level: str, lines: int, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(LogFormat.LOGFMT, level)
    logging.getLogger("aiokafka").error("Unable connect to node with id 1")
    assert len(capsys.readouterr().err.splitlines()) == lines
