"""Artifacts arrive in pieces, are verified, and are never half there."""

import asyncio
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from shared.documents import ArtifactView, Problem, decode
from tests.controlplane.stage import Site, bearer, opened

CONTENT = bytes(range(256)) * 9000
NAME = sha256(CONTENT).hexdigest()


async def patch(
    site: Site, piece: bytes, offset: int, *, length: int = len(CONTENT), name: str = NAME
) -> httpx.Response:
    headers = {"Upload-Offset": str(offset), "Upload-Length": str(length)}
    return await site.call("PATCH", f"artifacts/{name}", headers=headers, raw=piece)


async def test_an_upload_goes_on_where_it_broke_off(site: Site) -> None:
    first = await patch(site, CONTENT[:1_000_000], 0)
    assert decode(first.content, ArtifactView) == ArtifactView(sha256=NAME, received_bytes=1_000_000, complete=False)
    state = await site.call("HEAD", f"artifacts/{NAME}")
    assert (state.headers["upload-offset"], state.headers["upload-complete"]) == ("1000000", "?0")
    assert (await site.call("GET", f"artifacts/{NAME}")).status_code == 404
    last = await patch(site, CONTENT[1_000_000:], 1_000_000)
    assert decode(last.content, ArtifactView).complete
    state = await site.call("HEAD", f"artifacts/{NAME}")
    assert (state.headers["upload-offset"], state.headers["upload-complete"]) == (str(len(CONTENT)), "?1")


async def test_an_unfinished_upload_outlives_a_restart(tmp_path: Path) -> None:
    async with opened(tmp_path) as site:
        await patch(site, CONTENT[:10], 0)
    async with opened(tmp_path) as site:
        assert decode((await patch(site, CONTENT[10:], 10)).content, ArtifactView).complete


async def test_a_node_downloads_the_whole_or_a_range(site: Site) -> None:
    await patch(site, CONTENT, 0)
    node = await site.enrol("edge-1")
    headers = bearer(node.credential)
    whole = await site.http.get(f"/v1/artifacts/{NAME}", headers=headers)
    part = await site.http.get(f"/v1/artifacts/{NAME}", headers={**headers, "Range": "bytes=100-"})
    assert (whole.status_code, whole.content) == (200, CONTENT)
    assert (part.status_code, part.content) == (206, CONTENT[100:])
    beyond = await site.http.get(f"/v1/artifacts/{NAME}", headers={**headers, "Range": f"bytes={len(CONTENT)}-"})
    assert beyond.status_code == 416


async def test_a_piece_at_the_wrong_place_is_told_the_right_one(site: Site) -> None:
    await patch(site, CONTENT[:10], 0)
    response = await patch(site, CONTENT[20:], 20)
    assert (response.status_code, response.headers["upload-offset"]) == (409, "10")
    assert decode(response.content, Problem).field == "Upload-Offset"


async def test_bytes_that_are_not_their_digest_are_refused_and_discarded(site: Site) -> None:
    response = await patch(site, b"x" * len(CONTENT), 0)
    assert response.status_code == 422
    assert sha256(b"x" * len(CONTENT)).hexdigest() in decode(response.content, Problem).detail
    state = await site.call("HEAD", f"artifacts/{NAME}")
    assert (state.headers["upload-offset"], state.headers["upload-complete"]) == ("0", "?0")


async def test_more_bytes_than_announced_are_refused(site: Site) -> None:
    response = await patch(site, CONTENT[:100], 0, length=99)
    assert (response.status_code, decode(response.content, Problem).field) == (422, "Upload-Length")


async def test_an_artifact_over_the_limit_is_refused_before_a_byte_is_read(tmp_path: Path) -> None:
    async with opened(tmp_path, max_artifact_bytes=1000) as site:
        response = await patch(site, b"", 0, length=1001)
        assert (response.status_code, decode(response.content, Problem).field) == (413, "Upload-Length")


async def test_a_whole_artifact_is_not_sent_again(site: Site) -> None:
    await patch(site, CONTENT, 0)
    again = await patch(site, CONTENT, 0)
    assert (again.status_code, again.headers["upload-complete"]) == (409, "?1")
    assert decode((await patch(site, b"", len(CONTENT))).content, ArtifactView).complete


@pytest.mark.parametrize("name", ["short", "A" * 64, "..%2f" + "a" * 60, "g" * 64])
async def test_a_name_that_is_no_digest_is_refused(site: Site, name: str) -> None:
    assert (await patch(site, b"", 0, name=name)).status_code in (404, 422)


async def test_headers_are_checked(site: Site) -> None:
    missing = await site.call("PATCH", f"artifacts/{NAME}")
    assert (missing.status_code, decode(missing.content, Problem).field) == (422, "Upload-Offset")


async def test_a_node_cannot_upload(site: Site) -> None:
    node = await site.enrol("edge-1")
    headers = bearer(node.credential) | {"Upload-Offset": "0", "Upload-Length": "1"}
    assert (await site.http.patch(f"/v1/artifacts/{NAME}", headers=headers, content=b"x")).status_code == 403


async def test_an_artifact_the_disk_cannot_hold_is_refused_before_a_byte_is_read(tmp_path: Path) -> None:
    async with opened(tmp_path, max_artifact_bytes=2**53) as site:
        response = await patch(site, b"", 0, length=2**52)
        assert (response.status_code, "free" in decode(response.content, Problem).detail) == (507, True)


async def test_of_two_uploads_at_once_the_second_is_told_to_wait(site: Site) -> None:
    begun, goes_on = asyncio.Event(), asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield CONTENT[:10]
        begun.set()
        await goes_on.wait()
        yield CONTENT[10:]

    first = asyncio.create_task(site.plane.uploads.append(NAME, offset=0, length=len(CONTENT), chunks=slowly()))
    await begun.wait()
    second = await patch(site, CONTENT, 0)
    goes_on.set()
    assert (second.status_code, "another upload" in decode(second.content, Problem).detail) == (409, True)
    assert (await first).complete


async def test_an_upload_that_is_cancelled_keeps_what_had_come_once(site: Site) -> None:
    begun = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        yield CONTENT[:1_100_000]
        yield CONTENT[1_100_000:1_100_010]
        begun.set()
        await asyncio.Event().wait()

    upload = asyncio.create_task(site.plane.uploads.append(NAME, offset=0, length=len(CONTENT), chunks=endless()))
    await begun.wait()
    upload.cancel()
    with pytest.raises(asyncio.CancelledError):
        await upload
    assert site.plane.uploads.view(NAME).received_bytes == 1_100_010
    assert (await patch(site, CONTENT[1_100_010:], 1_100_010)).status_code == 200
