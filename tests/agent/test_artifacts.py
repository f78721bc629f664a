import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent.artifacts import Artifacts, named
from agent.control_plane import ControlPlane
from shared.artifacts import ArtifactStore
from shared.documents import encode
from shared.errors import ArtifactError, ControlPlaneError
from tests.agent.documents import artifact, workload
from tests.agent.pretend import CREDENTIAL, PretendControlPlane, pretend_control_plane

CONTENT = bytes(range(256)) * 2000
WANTED = artifact(CONTENT)


@pytest.fixture
async def server() -> AsyncIterator[PretendControlPlane]:
    async with pretend_control_plane() as made:
        made.artifacts[WANTED.sha256] = CONTENT
        yield made


@pytest.fixture
def artifacts(server: PretendControlPlane, tmp_path: Path) -> Artifacts:
    return Artifacts(ArtifactStore(tmp_path), ControlPlane(server.url, tls=None, credential=CREDENTIAL))


async def test_it_is_fetched_once_however_many_want_it(artifacts: Artifacts, server: PretendControlPlane) -> None:
    paths = await asyncio.gather(*(artifacts.path(WANTED) for _ in range(3)))
    assert {path.read_bytes() for path in paths} == {CONTENT}
    assert len(server.ranges) == 1


async def test_a_broken_download_is_gone_on_with(artifacts: Artifacts, server: PretendControlPlane) -> None:
    server.cut_at = 123_456
    with pytest.raises(ControlPlaneError):
        await artifacts.path(WANTED)
    assert (await artifacts.path(WANTED)).read_bytes() == CONTENT
    assert server.ranges == ["", "bytes=123456-"]


async def test_other_bytes_than_named_are_refused_and_not_kept(
    artifacts: Artifacts, server: PretendControlPlane, tmp_path: Path
) -> None:
    server.artifacts[WANTED.sha256] = CONTENT[::-1]
    with pytest.raises(ArtifactError, match="refused"):
        await artifacts.path(WANTED)
    assert ArtifactStore(tmp_path).received_bytes(WANTED.sha256) == 0


async def test_more_bytes_than_named_are_refused(artifacts: Artifacts, server: PretendControlPlane) -> None:
    server.artifacts[WANTED.sha256] = CONTENT + b"more"
    with pytest.raises(ArtifactError, match="larger than"):
        await artifacts.path(WANTED)


async def test_a_damaged_file_is_fetched_again(artifacts: Artifacts) -> None:
    path = await artifacts.path(WANTED)
    path.chmod(0o600)
    path.write_bytes(b"damaged")
    assert (await artifacts.path(WANTED)).read_bytes() == CONTENT


async def test_what_is_here_needs_no_control_plane(artifacts: Artifacts, server: PretendControlPlane) -> None:
    await artifacts.path(WANTED)
    await server.stop()
    assert (await artifacts.path(WANTED)).read_bytes() == CONTENT


def test_documents_name_their_artifacts() -> None:
    assert named([encode(workload()), b"{}"]) == {artifact().sha256}


async def test_only_what_is_named_is_kept(artifacts: Artifacts, server: PretendControlPlane, tmp_path: Path) -> None:
    other = artifact(b"older")
    server.artifacts[other.sha256] = b"older"
    await artifacts.path(WANTED)
    await artifacts.path(other)
    artifacts.keep_only(frozenset({WANTED.sha256}))
    assert ArtifactStore(tmp_path).digests() == {WANTED.sha256}
