"""Versions: numbered, immutable, and made of artifacts that are there."""

import msgspec
import pytest

from controlplane.documents_in_http import Items
from shared.documents import AliasTarget, ModelVersion, Note, Problem, decode
from tests.controlplane.stage import Site, content_of, deployment, manifest


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


async def version(site: Site, number: int) -> ModelVersion:
    return await site.ask(ModelVersion, "GET", f"models/net/versions/{number}")


async def test_an_alias_means_one_version_at_a_time(site: Site) -> None:
    for state in ("one", "two"):
        await site.register("edge", state=state)
    for number in (1, 2):
        named = await site.ask(ModelVersion, "PUT", "models/net/aliases/best", AliasTarget(version=number))
        assert (named.version, named.aliases) == (number, ("best",))
    await site.call("PUT", "models/net/aliases/also", AliasTarget(version=2))
    assert [(await version(site, number)).aliases for number in (1, 2)] == [(), ("also", "best")]
    assert (await site.call("DELETE", "models/net/aliases/best")).status_code == 204
    assert (await site.call("DELETE", "models/net/aliases/best")).status_code == 404
    assert (await version(site, 2)).aliases == ("also",)


@pytest.mark.parametrize(
    ("alias", "number", "field"), [("latest", 1, "path.alias"), ("3", 1, "path.alias"), ("best", 2, "version")]
)
async def test_an_alias_is_no_number_and_means_a_version(site: Site, alias: str, number: int, field: str) -> None:
    await site.register("edge")
    response = await site.call("PUT", f"models/net/aliases/{alias}", AliasTarget(version=number))
    assert (response.status_code, decode(response.content, Problem).field) == (422, field)


async def test_a_note_is_for_people_and_changes_no_version(site: Site) -> None:
    await site.register("edge")
    before = await version(site, 1)
    for note in ("good at night", "better by day"):
        noted = await site.ask(ModelVersion, "PUT", "models/net/versions/1/note", Note(note=note))
        assert noted == msgspec.structs.replace(before, note=note)
    await site.register("edge")
    assert (await site.ask(Items[ModelVersion], "GET", "models/net")).items == (noted,)
    assert (await site.call("PUT", "models/net/versions/2/note", Note(note=""))).status_code == 404


async def test_a_version_that_nothing_names_is_removed_and_its_number_is_not_given_again(site: Site) -> None:
    for state in ("one", "two"):
        await site.register("edge", state=state)
    assert (await site.call("DELETE", "models/net/versions/2")).status_code == 204
    assert (await site.call("GET", "models/net/versions/2")).status_code == 404
    await site.register("edge", state="two")
    assert [one.version for one in (await site.ask(Items[ModelVersion], "GET", "models/net")).items] == [1, 3]


async def test_a_version_with_an_alias_is_not_removed(site: Site) -> None:
    await site.register("edge")
    await site.call("PUT", "models/net/aliases/best", AliasTarget(version=1))
    assert (await site.call("DELETE", "models/net/versions/1")).status_code == 409
    await site.call("DELETE", "models/net/aliases/best")
    assert (await site.call("DELETE", "models/net/versions/1")).status_code == 204


async def test_a_version_that_a_rollout_needs_is_not_removed(site: Site) -> None:
    for state in ("one", "two", "three"):
        await site.register("edge", "fog", state=state)
    await site.enrol("box")
    await site.deploy(deployment("edge", "fog", version=1))
    await site.deploy(deployment("edge", "fog", version=2))
    codes = [(await site.call("DELETE", f"models/net/versions/{number}")).status_code for number in (1, 2, 3)]
    assert codes == [409, 409, 204]
