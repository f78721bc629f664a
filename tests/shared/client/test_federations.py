"""What the client asks of federations, and what it makes of the answers."""

import json

import msgspec
import pytest

from shared.client.federations import Federations
from shared.client.flow import Answer, Call
from shared.documents import decode, encode_given
from shared.documents.federation import Federation, UpdateParameters
from shared.documents.federation_workloads import FederationState, FederationView
from shared.errors import ControlPlaneError
from tests.shared.client.stage import Ask, Asked, Rehearsal, Says, Server

WANTED = Federation(name="digits", network="lenet", cluster="platform")
VIEW = FederationView(federation=WANTED, edition=1, state=FederationState.RUNNING, created_at="2026-01-01T00:00:00Z")


def answer(asked: Asked) -> Says:
    if asked.method == "DELETE":
        return Says(status=204)
    view = msgspec.to_builtins(VIEW)
    return Says(body=json.dumps({"items": [view]} if asked.path == "/v1/federations" else view).encode())


def test_each_operation_is_one_call(server: Server, ask: Ask) -> None:
    server.answer = answer
    assert ask(lambda client: client.federations.put(WANTED)) == VIEW
    assert ask(lambda client: client.federations.list()) == (VIEW,)
    assert ask(lambda client: client.federations.get("digits")) == VIEW
    assert ask(lambda client: client.federations.pause("digits")) == VIEW
    assert ask(lambda client: client.federations.resume("digits")) == VIEW
    assert ask(lambda client: client.federations.cancel("digits")) == VIEW
    assert ask(lambda client: client.federations.delete("digits")) is None
    assert [(one.method, one.path) for one in server.asked] == [
        ("PUT", "/v1/federations/digits"),
        ("GET", "/v1/federations"),
        ("GET", "/v1/federations/digits"),
        ("POST", "/v1/federations/digits/pause"),
        ("POST", "/v1/federations/digits/resume"),
        ("POST", "/v1/federations/digits/cancel"),
        ("DELETE", "/v1/federations/digits"),
    ]


def test_a_refusal_names_the_field() -> None:
    problem = {"title": "Unprocessable Entity", "status": 422, "detail": "no network lenet", "field": "network"}

    def refused(call: Call[object]) -> Answer:
        return Answer(status=422, headers={}, body=json.dumps(problem).encode())

    with pytest.raises(ControlPlaneError, match="network: no network lenet") as caught:
        Rehearsal(refused).run(Federations.put.describe(None, WANTED))
    assert caught.value.field == "network"


@pytest.mark.parametrize("epochs", [1, 2, 10])
def test_the_epochs_that_are_put_are_those_that_are_meant(epochs: int) -> None:
    """A federation's default, one, is not that of a training request."""
    wanted = msgspec.structs.replace(WANTED, parameters=UpdateParameters(epochs=epochs, batch=32))
    assert decode(encode_given(wanted), Federation) == wanted
