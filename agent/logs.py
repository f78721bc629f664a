"""Structured logs: one line an event, `logfmt` for people and journals, `json` for collectors.

Call `logger.info("assignment accepted", extra={"generation": 7})`: the message is constant, what varies is a field.
"""

import json
import logging
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum

_STANDARD = frozenset(vars(logging.LogRecord("", 0, "", 0, "", None, None))) | {"message", "asctime", "taskName"}
_SECRET_WORDS = ("token", "password", "credential", "secret", "private_key")


class LogFormat(StrEnum):
    LOGFMT = "logfmt"
    JSON = "json"


class Logfmt(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return " ".join(f"{name}={_quoted(value)}" for name, value in _fields(self, record))


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(dict(_fields(self, record)), default=str)


def configure(form: LogFormat, level: str) -> None:
    """Send everything to standard error; a library below warning level is of no interest to an operator.

    aiokafka reports each attempt to reach a broker, ten a second, and OpenTelemetry each to reach a collector: unless
    somebody looks for a fault, that a cluster went and came back, which the agent says itself, is enough.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form is LogFormat.JSON else Logfmt())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for name in ("agent", "shared"):
        logging.getLogger(name).setLevel(level.upper())
    for name in ("aiokafka", "opentelemetry"):
        logging.getLogger(name).setLevel(logging.NOTSET if level == "debug" else logging.CRITICAL)


def _fields(formatter: logging.Formatter, record: logging.LogRecord) -> Iterator[tuple[str, object]]:
    yield "time", datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    yield "level", record.levelname.lower()
    yield "logger", record.name
    yield "message", record.getMessage()
    for name, value in vars(record).items():
        if name not in _STANDARD:
            # The last line of defence: nobody should have put one here.
            yield name, "***" if any(word in name for word in _SECRET_WORDS) else value
    if record.exc_info:
        yield "exception", formatter.formatException(record.exc_info)


def _quoted(value: object) -> str:
    text = str(value)
    plain = text and not any(character in ' "=\\' or not character.isprintable() for character in text)
    return text if plain else json.dumps(text, ensure_ascii=False)
