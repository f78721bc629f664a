"""Whatever the network or a stranger answers becomes one error of ours, in one line."""

import socket

import pytest

from shared.client import AsyncClient, Client, ControlPlaneUnreachableError
from shared.documents import DeploymentView, Problem, encode
from shared.errors import ControlPlaneError, SettingsError
from tests.shared.client.stage import Ask, Says, Server


def get(client: Client) -> DeploymentView:
    return client.deployments.get("fashion")


def test_a_problem_names_its_field_and_status(ask: Ask, server: Server) -> None:
    problem = Problem(title="Unprocessable", status=422, detail="no such cluster", field="tiers[0].cluster")
    server.answer = lambda asked: Says(status=422, body=encode(problem))
    with pytest.raises(ControlPlaneError) as caught:
        ask(get)
    assert (caught.value.status, caught.value.field, caught.value.retriable) == (422, "tiers[0].cluster", False)
    assert str(caught.value) == "tiers[0].cluster: no such cluster"


@pytest.mark.parametrize("body", [b"", b"<html>oops</html>", b"[1]", b"\xff\xfe", b"null"])
@pytest.mark.parametrize("status", [400, 404, 500])
def test_a_refusal_that_is_no_problem_document_still_says_its_status(
    ask: Ask, server: Server, status: int, body: bytes
) -> None:
    server.answer = lambda asked: Says(status=status, body=body)
    with pytest.raises(ControlPlaneError, match=f"answered {status}") as caught:
        ask(get)
    assert caught.value.status == status


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_try_again_later_is_retriable(ask: Ask, server: Server, status: int) -> None:
    server.answer = lambda asked: Says(status=status)
    with pytest.raises(ControlPlaneUnreachableError) as caught:
        ask(get)
    assert caught.value.retriable


@pytest.mark.parametrize("body", [b"", b"<html>hello</html>", b"{}", b"[]", b'{"deployment": 5}', b"\xff" * 500])
def test_an_answer_that_is_no_document_is_an_error_of_one_line(ask: Ask, server: Server, body: bytes) -> None:
    server.answer = lambda asked: Says(body=body)
    with pytest.raises(ControlPlaneError, match="not from a control plane") as caught:
        ask(get)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 900


def test_a_redirect_is_not_followed_with_the_credential(ask: Ask, server: Server) -> None:
    server.answer = lambda asked: Says(status=307, headers={"Location": "http://elsewhere.example/"})
    with pytest.raises(ControlPlaneError, match=r"answered 307, go to http://elsewhere\.example/"):
        ask(get)
    assert len(server.asked) == 1


def test_a_connection_that_breaks_before_the_answer_is_retriable(ask: Ask, server: Server) -> None:
    server.answer = lambda asked: Says(silent=True)
    with pytest.raises(ControlPlaneUnreachableError, match="broke off") as caught:
        ask(get)
    assert caught.value.status == 0


def test_an_answer_that_breaks_off_is_retriable(ask: Ask, server: Server) -> None:
    server.answer = lambda asked: Says(body=b'{"deployment"', whole=False)
    with pytest.raises(ControlPlaneUnreachableError, match="broke off"):
        ask(get)


def test_nobody_there_is_retriable_and_names_the_url() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with Client(url, credential="x") as client, pytest.raises(ControlPlaneUnreachableError, match=url):
            client.nodes.list()


def test_a_server_that_never_answers_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"http://127.0.0.1:{mute.getsockname()[1]}"
        client = Client(url, credential="x", timeout_s=0.1)
        with client, pytest.raises(ControlPlaneUnreachableError, match="in time"):
            client.nodes.list()


@pytest.mark.parametrize("url", ["", "localhost:80", "ftp://host", "http://", "http://[::1", "http://host:port"])
@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_what_is_no_url_is_refused_at_once(kind: type[Client | AsyncClient], url: str) -> None:
    with pytest.raises(SettingsError):
        kind(url, credential="x")


def test_a_credential_that_is_a_file_of_something_else_is_refused_at_once() -> None:
    with pytest.raises(SettingsError, match="credential"):
        Client("http://localhost", credential="line one\nline two")


def test_the_credential_is_sent_and_never_shown(ask: Ask, server: Server) -> None:
    server.answer = lambda asked: Says(body=b'{"items": []}')
    assert ask(lambda client: client.nodes.list()) == ()
    assert server.asked[0].headers["authorization"] == "Bearer operator-credential"
    client = Client(server.url, credential="secret")
    assert "secret" not in repr(client) + repr(vars(client))
    client.close()


def test_a_name_cannot_leave_its_place_in_the_path(ask: Ask, server: Server) -> None:
    server.answer = lambda asked: Says(status=404)
    with pytest.raises(ControlPlaneError):
        ask(lambda client: client.nodes.get("../clusters/edge?x=1"))
    assert server.asked[0].path == "/v1/nodes/..%2Fclusters%2Fedge%3Fx%3D1"


def test_without_a_credential_none_is_sent(server: Server) -> None:
    server.answer = lambda asked: Says(status=401)
    with Client(server.url, credential="") as client, pytest.raises(ControlPlaneError, match="answered 401"):
        get(client)
    assert "authorization" not in server.asked[0].headers
