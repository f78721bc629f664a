"""How a node gets in, once, and how nobody else does."""

import asyncio
import logging
from pathlib import Path

import httpx
import pytest

from controlplane.auth import hashed
from controlplane.store.nodes import credentials
from shared.documents import (
    Enrolment,
    EnrolmentToken,
    EnrolmentTokenRequest,
    NodeCredential,
    NodeState,
    Problem,
    decode,
    encode,
)
from tests.controlplane.stage import FACTS, Node, Site, bearer, opened


async def test_a_token_enrols_one_node_once(site: Site) -> None:
    token = await site.token()
    answers = [await enrol(site, token, name) for name in ("edge-1", "edge-2")]
    assert answers == [201, 401]
    assert (await site.node("edge-1")).state is NodeState.ENROLLED


async def test_of_many_nodes_with_one_token_exactly_one_gets_in(site: Site) -> None:
    token = await site.token()
    answers = await asyncio.gather(*(enrol(site, token, f"edge-{number}") for number in range(20)))
    assert sorted(answers) == [201] + [401] * 19


async def test_a_lost_answer_is_asked_for_again_and_the_first_credential_is_dead(site: Site) -> None:
    token = await site.token()
    lost, node = await get_in(site, token), await get_in(site, token)
    assert (await lost.get("assignment")).status_code == 401
    assert (await node.report()).status_code == 200
    assert await enrol(site, token, "edge-2") == 401


@pytest.mark.parametrize("use", ["assignment", "reports"])
async def test_a_token_is_spent_once_the_credential_was_used(site: Site, use: str) -> None:
    token = await site.token()
    node = await get_in(site, token)
    assert (await (node.report() if use == "reports" else node.get("assignment"))).is_success
    assert await enrol(site, token, "edge-1") == 401
    assert (await node.get("assignment")).is_success


async def test_of_many_askings_with_one_token_and_name_the_last_credential_alone_is_alive(site: Site) -> None:
    token = await site.token()
    nodes = await asyncio.gather(*(get_in(site, token) for _ in range(20)))
    used = await asyncio.gather(*(node.get("assignment") for node in nodes))
    assert sorted(response.status_code for response in used) == [200] + [401] * 19
    stored = await site.plane.database.run(credentials)
    assert [node for _, node in stored if node] == ["edge-1"]


async def test_asking_again_while_the_credential_is_used_leaves_exactly_one_alive(site: Site) -> None:
    token = await site.token()
    first = await get_in(site, token)
    used, again = await asyncio.gather(first.get("assignment"), ask(site, token, "edge-1"))
    assert (used.status_code, again.status_code) in ((200, 401), (401, 201))
    alive = [first.credential] if again.status_code == 401 else [decode(again.content, NodeCredential).credential]
    stored = await site.plane.database.run(credentials)
    assert [sha256 for sha256, node in stored if node] == [hashed(one) for one in alive]


async def test_a_lost_answer_is_asked_for_again_after_a_restart_too(tmp_path: Path) -> None:
    async with opened(tmp_path) as site:
        token, used = await site.token(), await site.token()
        await get_in(site, token)
        await (await get_in(site, used, "edge-2")).report()
    async with opened(tmp_path, site.clock) as again:
        assert (await (await get_in(again, token)).report()).is_success
        assert await enrol(again, used, "edge-2") == 401


async def test_a_token_does_not_stand_for_a_later_node_of_the_same_name(site: Site) -> None:
    token = await site.token()
    await get_in(site, token)
    await site.call("DELETE", "nodes/edge-1")
    await site.enrol("edge-1")
    assert await enrol(site, token, "edge-1") == 401


async def test_after_its_expiry_a_token_gives_no_second_credential(site: Site) -> None:
    wanted = EnrolmentTokenRequest(expires_after_s=60)
    token = (await site.ask(EnrolmentToken, "POST", "enrolment-tokens", wanted)).token
    await get_in(site, token)
    site.clock.advance(61)
    assert await enrol(site, token, "edge-1") == 401


async def test_a_token_expires(site: Site) -> None:
    wanted = EnrolmentTokenRequest(expires_after_s=60)
    token = (await site.ask(EnrolmentToken, "POST", "enrolment-tokens", wanted)).token
    site.clock.advance(61)
    assert await enrol(site, token, "edge-1") == 401


async def test_a_taken_name_is_refused_and_leaves_the_token_unused(site: Site) -> None:
    await site.enrol("edge-1")
    token = await site.token()
    response = await site.http.post("/v1/nodes", headers=bearer(token), content=encode(Enrolment(name="edge-1")))
    assert (response.status_code, decode(response.content, Problem).field) == (409, "name")
    assert await enrol(site, token, "edge-2") == 201


async def test_labels_of_the_token_are_forced_upon_the_node(site: Site) -> None:
    token = await site.token(tier="fog")
    enrolment = Enrolment(name="box", labels={"tier": "cloud", "site": "north"}, facts=FACTS)
    await site.http.post("/v1/nodes", headers=bearer(token), content=encode(enrolment))
    assert (await site.node("box")).labels == {"tier": "fog", "site": "north"}


@pytest.mark.parametrize("path", ["nodes", "models", "deployments/net/status", "openapi", "nothing-here"])
async def test_without_a_credential_nothing_answers(site: Site, path: str) -> None:
    for headers in ({}, bearer("wrong"), {"Authorization": "Basic b3BlcmF0b3I6"}, bearer(await site.token())):
        response = await site.http.get(f"/v1/{path}", headers=headers)
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == "Bearer"
        assert decode(response.content, Problem).status == 401


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/metrics"])
async def test_documentation_and_metrics_are_the_operator_s(site: Site, path: str) -> None:
    node = await site.enrol("edge-1")
    assert (await site.http.get(path)).status_code == 401
    assert (await site.http.get(path, headers=bearer(node.credential))).status_code == 403
    assert (await site.http.get(path, headers=bearer(site.operator))).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_health_answers_anyone(site: Site, path: str) -> None:
    response = await site.http.get(path)
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


async def test_a_node_may_use_its_own_routes_only(site: Site) -> None:
    node, other = await site.enrol("edge-1"), await site.enrol("edge-2")
    node.name, other.name = other.name, node.name
    assert (await node.report()).status_code == 403
    assert (await node.get("assignment")).status_code == 403
    assert (await node.get("assignment/watch?generation=0")).status_code == 403
    for path in ("nodes", "clusters", "events", "enrolment-tokens"):
        assert (await site.http.get(f"/v1/{path}", headers=bearer(node.credential))).status_code in (403, 405)


async def test_the_operator_is_not_a_node(site: Site) -> None:
    await site.enrol("edge-1")
    assert (await site.call("POST", "nodes/edge-1/reports")).status_code == 403
    assert (await site.call("POST", "nodes", Enrolment(name="edge-2"))).status_code == 401


async def test_a_removed_node_s_credential_is_dead(site: Site) -> None:
    node = await site.enrol("edge-1")
    assert (await site.call("DELETE", "nodes/edge-1")).status_code == 204
    assert (await node.get("assignment")).status_code == 401
    assert (await site.call("GET", "nodes/edge-1")).status_code == 404


async def test_no_secret_reaches_a_log(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    token = await site.token()
    node = await site.enrol("edge-1")
    await enrol(site, token, "edge-1")
    await site.http.get("/v1/nodes", headers=bearer("wrong-credential"))
    await site.http.get("/v1/nodes", headers=bearer(node.credential))
    refusals = [record for record in caplog.records if record.name == "controlplane.auth"]
    assert {record.getMessage() for record in refusals} == {
        "no valid credential: GET /v1/nodes",
        "node edge-1 may not use /v1/nodes",
    }
    for secret in (token, node.credential, site.operator, "wrong-credential"):
        assert secret not in caplog.text


async def test_secrets_lie_in_the_database_as_hashes_only(site: Site) -> None:
    token, node = await site.token(), await site.enrol("edge-1")
    folder = site.plane.settings.state_dir
    stored = b"".join(path.read_bytes() for path in folder.glob("controlplane.sqlite*"))
    assert b"edge-1" in stored
    for secret in (token, node.credential, site.operator):
        assert secret.encode() not in stored


async def ask(site: Site, token: str, name: str) -> httpx.Response:
    return await site.http.post("/v1/nodes", headers=bearer(token), content=encode(Enrolment(name=name)))


async def enrol(site: Site, token: str, name: str) -> int:
    return (await ask(site, token, name)).status_code


async def get_in(site: Site, token: str, name: str = "edge-1") -> Node:
    response = await ask(site, token, name)
    assert response.status_code == 201, response.text
    return Node(site, name, decode(response.content, NodeCredential).credential)
