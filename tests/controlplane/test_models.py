"""Versions: numbered, immutable, and made of artifacts that are there."""

import msgspec
import pytest

from controlplane.documents_in_http import Items
from shared.documents import ModelVersion, Problem, decode
from tests.controlplane.stage import Site, content_of, manifest


async def test_versions_are_numbered_and_the_same_manifest_is_the_same_version(site: Site) -> None:
    for state in ("one", "two", "one"):
        await site.register("edge", state=state)
    all_versions = await site.ask(Items[ModelVersion], "GET", "models/net")
    assert [(one.version, one.manifest.description) for one in all_versions.items] == [(1, "one"), (2, "two")]
    again = await site.call("POST", "models/net/versions", manifest("edge"))
    assert (again.status_code, decode(again.content, ModelVersion).version) == (200, 1)


@pytest.mark.parametrize(("version", "state"), [("1", "one"), ("2", "two"), ("latest", "two")])
async def test_a_version_is_found_by_number_and_as_latest(site: Site, version: str, state: str) -> None:
    await site.register("edge", state="one")
    await site.register("edge", state="two")
    found = await site.ask(ModelVersion, "GET", f"models/net/versions/{version}")
    assert found.manifest.description == state
    listed = await site.ask(Items[ModelVersion], "GET", "models")
    assert [one.version for one in listed.items] == [2]


@pytest.mark.parametrize("path", ["models/other", "models/net/versions/3", "models/other/versions/latest"])
async def test_what_is_not_there_is_not_found(site: Site, path: str) -> None:
    await site.register("edge")
    assert (await site.call("GET", path)).status_code == 404


@pytest.mark.parametrize("version", ["0", "first", "1.0", "99999999999"])
async def test_what_is_no_version_is_refused(site: Site, version: str) -> None:
    assert (await site.call("GET", f"models/net/versions/{version}")).status_code == 422


async def test_a_manifest_without_its_artifacts_is_refused_by_field(site: Site) -> None:
    await site.upload(content_of("edge", "one"))
    response = await site.call("POST", "models/net/versions", manifest("edge", "fog"))
    assert (response.status_code, decode(response.content, Problem).field) == (422, "sub_models[1].artifacts[0].sha256")


async def test_a_manifest_with_a_wrong_size_is_refused_by_field(site: Site) -> None:
    await site.upload(content_of("edge", "one"))
    document = manifest("edge")
    wrong = msgspec.structs.replace(document.sub_models[0].artifacts[0], size_bytes=1)
    sub_model = msgspec.structs.replace(document.sub_models[0], artifacts=(wrong,))
    response = await site.call(
        "POST", "models/net/versions", msgspec.structs.replace(document, sub_models=(sub_model,))
    )
    assert decode(response.content, Problem).field == "sub_models[0].artifacts[0].size_bytes"


async def test_the_name_in_the_path_is_the_manifest_s(site: Site) -> None:
    response = await site.call("POST", "models/other/versions", manifest("edge"))
    assert (response.status_code, decode(response.content, Problem).field) == (422, "name")
