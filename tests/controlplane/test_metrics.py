"""What is counted."""

from shared.documents import encode
from tests.controlplane.federating import says, stage
from tests.controlplane.stage import Site, bearer, deployment


async def metrics(site: Site) -> dict[str, float]:
    response = await site.http.get("/metrics", headers=bearer(site.operator))
    lines = [line.rsplit(" ", 1) for line in response.text.splitlines() if not line.startswith("#")]
    return {name.removeprefix("fogline_controlplane_"): float(value) for name, value in lines}


async def test_what_happens_is_counted(site: Site) -> None:
    await site.register("edge")
    node = await site.enrol("edge-1", tier="edge")
    await site.enrol("fog-1", tier="fog")
    await site.deploy(deployment("edge"))
    await node.report()
    counted = await metrics(site)
    assert counted["reports_total"] == 1
    assert counted["assignment_changes_total"] == 1
    assert counted["unplaced_shares"] == 0
    assert counted["artifact_received_bytes_total"] == len(b"edge one")
    assert (counted['nodes{state="ready"}'], counted['nodes{state="enrolled"}']) == (1, 1)
    assert counted['requests_total{method="POST",status="201"}'] == 5
    assert counted["change_seconds_count"] > 0


async def test_a_refused_request_is_counted_too(site: Site) -> None:
    await site.http.get("/v1/nodes")
    await site.http.post("/v1/nodes", content=encode({}))
    counted = await metrics(site)
    assert counted['requests_total{method="GET",status="401"}'] == 1


async def test_federations_are_counted_by_what_they_do_now(site: Site) -> None:
    hub, _, _ = await stage(site)
    assert (await metrics(site))['federations{state="waiting"}'] == 1
    await says(hub)
    counted = await metrics(site)
    assert (counted['federations{state="waiting"}'], counted['federations{state="running"}']) == (0, 1)
