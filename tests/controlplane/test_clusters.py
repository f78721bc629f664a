"""Clusters keep their secrets and give them to nodes only."""

from controlplane.documents_in_http import Items
from shared.documents import Cluster, Problem, Sasl, SaslMechanism, SecurityProtocol, Tls, decode, encode
from tests.controlplane.stage import Site, deployment


def secured(*, hidden: bool = False) -> Cluster:
    return Cluster(
        name="main",
        bootstrap_servers=("kafka:9093",),
        security_protocol=SecurityProtocol.SASL_SSL,
        sasl=Sasl(mechanism=SaslMechanism.PLAIN, username="fogline", password="***" if hidden else "pass-word"),
        tls=Tls(certificate="CERTIFICATE", private_key="***" if hidden else "PRIVATE KEY"),
    )


async def test_secrets_are_never_shown(site: Site) -> None:
    put = await site.call("PUT", "clusters/main", secured())
    one, everyone = await site.call("GET", "clusters/main"), await site.call("GET", "clusters")
    assert put.status_code == 201
    for shown in (put, one, everyone):
        assert b"pass-word" not in shown.content
        assert b"PRIVATE KEY" not in shown.content
    assert decode(one.content, Cluster) == secured(hidden=True)
    assert decode(everyone.content, Items[Cluster]).items == (secured(hidden=True),)


async def test_hidden_secrets_that_come_back_stay_what_they_were(site: Site) -> None:
    await site.register("edge")
    await site.call("PUT", "clusters/main", secured())
    node = await site.enrol("edge-1", tier="edge")
    await site.deploy(deployment("edge"))
    shown = await site.ask(Cluster, "GET", "clusters/main")
    assert (await site.call("PUT", "clusters/main", shown)).status_code == 200
    (workload,) = await node.workloads()
    assert workload.clusters == (secured(),)
    assert (await node.assignment()).generation == 1


async def test_the_operator_sees_an_assignment_without_its_secrets(site: Site) -> None:
    await site.register("edge")
    await site.call("PUT", "clusters/main", secured())
    node = await site.enrol("edge-1", tier="edge")
    await site.deploy(deployment("edge"))
    assert b"pass-word" in (await node.get("assignment")).content
    assert b"pass-word" not in (await site.call("GET", "nodes/edge-1/assignment")).content


async def test_a_hidden_secret_that_is_not_known_is_refused_by_field(site: Site) -> None:
    response = await site.call("PUT", "clusters/main", secured(hidden=True))
    assert (response.status_code, decode(response.content, Problem).field) == (422, "sasl.password")


async def test_a_changed_cluster_reaches_the_nodes_that_use_it(site: Site) -> None:
    await site.register("edge")
    node, idle = await site.enrol("edge-1", tier="edge"), await site.enrol("idle")
    await site.deploy(deployment("edge"))
    await site.call("PUT", "clusters/main", secured())
    assert (await node.workloads())[0].clusters == (secured(),)
    assert (await node.assignment()).generation == 2
    assert (await idle.assignment()).generation == 0


async def test_a_cluster_in_use_stays(site: Site) -> None:
    await site.register("edge")
    await site.deploy(deployment("edge"))
    refused = await site.call("DELETE", "clusters/main")
    assert (refused.status_code, "deployment net" in decode(refused.content, Problem).detail) == (409, True)
    await site.call("DELETE", "deployments/net")
    assert (await site.call("DELETE", "clusters/main")).status_code == 204
    assert (await site.call("DELETE", "clusters/main")).status_code == 404


async def test_the_name_in_the_path_is_the_document_s(site: Site) -> None:
    response = await site.call("PUT", "clusters/other", secured())
    assert (response.status_code, decode(response.content, Problem).field) == (422, "name")


async def test_a_typing_error_names_the_field(site: Site) -> None:
    raw = encode(secured()).replace(b'"username"', b'"user"')
    response = await site.call("PUT", "clusters/main", raw=raw)
    assert (response.status_code, decode(response.content, Problem).field) == (422, "sasl")
