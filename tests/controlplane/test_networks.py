"""Networks and configurations: named, changed, and kept while something needs them."""

import msgspec
import pytest

from controlplane.documents_in_http import Items
from shared.documents import Configuration, NetworkSource, Problem, decode
from tests.controlplane.stage import Site
from tests.controlplane.training import SOURCE, networked, running, source, trainer, wanted


async def refused(site: Site, method: str, path: str, document: object = None) -> tuple[int, str]:
    response = await site.call(method, path, document)
    problem = decode(response.content, Problem)
    return problem.status, problem.field


async def test_a_network_is_created_then_changed(site: Site) -> None:
    await site.upload(SOURCE)
    created = await site.call("PUT", "networks/small", source())
    changed = msgspec.structs.replace(source(), description="smaller")
    again = await site.call("PUT", "networks/small", changed, headers={"If-Match": created.headers["etag"]})
    late = await site.call("PUT", "networks/small", source(), headers={"If-Match": created.headers["etag"]})
    assert [one.status_code for one in (created, again, late)] == [201, 200, 412]
    assert await site.ask(NetworkSource, "GET", "networks/small") == changed
    assert (await site.ask(Items[NetworkSource], "GET", "networks")).items == (changed,)


async def test_a_network_s_files_must_be_here(site: Site) -> None:
    assert await refused(site, "PUT", "networks/small", source()) == (422, "files[0].sha256")
    await site.upload(SOURCE)
    file = msgspec.structs.replace(source().files[0], size_bytes=1)
    wrong = msgspec.structs.replace(source(), files=(file,))
    assert await refused(site, "PUT", "networks/small", wrong) == (422, "files[0].size_bytes")


async def test_a_configuration_s_networks_must_be_there(site: Site) -> None:
    await networked(site)
    document = Configuration(name="both", networks=("small", "large"))
    assert await refused(site, "PUT", "configurations/both", document) == (422, "networks[1]")


async def test_a_configuration_is_created_then_changed(site: Site) -> None:
    await networked(site, "small", "large")
    document = Configuration(name="one", networks=("small",))
    assert (await site.call("PUT", "configurations/one", document)).status_code == 201
    changed = Configuration(name="one", networks=("large",))
    assert (await site.call("PUT", "configurations/one", changed)).status_code == 200
    listed = await site.ask(Items[Configuration], "GET", "configurations")
    assert listed.items == (Configuration(name="first", networks=("small", "large")), changed)
    assert (await site.call("GET", "configurations/one")).headers["etag"]


async def test_what_is_needed_is_not_deleted(site: Site) -> None:
    await networked(site)
    await wanted(site)
    for path in ("networks/small", "configurations/first", "clusters/main"):
        assert (await site.call("DELETE", path)).status_code == 409, path
    for path in ("training-requests/hourly", "configurations/first", "networks/small", "clusters/main"):
        assert (await site.call("DELETE", path)).status_code == 204, path


async def test_what_a_run_under_way_needs_is_not_deleted(site: Site) -> None:
    await running(site)
    for path in ("training-requests/hourly", "networks/small", "clusters/main"):
        assert (await site.call("DELETE", path)).status_code == 409, path
    await site.call("POST", "runs/1/cancel")
    for path in ("training-requests/hourly", "configurations/first", "networks/small", "clusters/main"):
        assert (await site.call("DELETE", path)).status_code == 204, path


@pytest.mark.parametrize("path", ["networks/none", "configurations/none", "training-requests/none", "streams/s-0"])
async def test_what_is_not_there_is_not_found(site: Site, path: str) -> None:
    assert (await site.call("GET", path)).status_code == 404


@pytest.mark.parametrize(
    "path", ["networks", "configurations", "training-requests", "streams", "runs", "networks/small", "runs/1"]
)
async def test_training_is_the_operator_s(site: Site, path: str) -> None:
    node = await trainer(site)
    response = await site.http.get(f"/v1/{path}", headers={"Authorization": f"Bearer {node.credential}"})
    assert response.status_code == 403
