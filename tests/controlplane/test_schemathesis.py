"""Schemathesis against the real program: whatever the OpenAPI document allows, no answer is a 500 or undocumented."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import checks

from tests.controlplane.program import Running, program

# Not whether all that the schema allows is granted: 1.0 is an integer to it, and names must exist.
CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
# They stay open for ever.
STREAMS = {"/v1/events", "/v1/nodes/{name}/assignment/watch"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with program(tmp_path_factory.mktemp("fuzzed"), "--max-artifact-bytes", "1000000") as running:
        yield running


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_no_operation_answers_what_the_document_does_not_say(running: Running) -> None:
    headers = {"Authorization": f"Bearer {running.credential}"}
    schema = schemathesis.openapi.from_url(f"{running.url}/openapi.json", headers=headers)
    operations = [found.ok() for found in schema.get_all_operations()]
    fuzzed = [operation for operation in operations if operation.path not in STREAMS]
    assert len(fuzzed) >= 63
    for operation in fuzzed:
        fuzz(operation, headers)


def fuzz(operation: Any, headers: dict[str, str]) -> None:  # noqa: ANN401 - schemathesis ships no types
    @settings(max_examples=20, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def answers_as_documented(case: Any) -> None:  # noqa: ANN401
        case.call_and_validate(headers=headers, checks=CHECKS)

    answers_as_documented()
