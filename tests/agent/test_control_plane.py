import hashlib
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from agent.control_plane import ControlPlane, is_passing
from agent.uploads import PIECE_BYTES, upload
from shared.documents import Enrolment, Lineage, ModelManifest, NodeFacts, NodeReport, RunResult, TrainingParameters
from shared.errors import ControlPlaneError
from tests.agent.documents import artifact, assignment, sub_model, workload
from tests.agent.pretend import CREDENTIAL, TOKEN, PretendControlPlane, pretend_control_plane

REPORT = NodeReport(
    node="node-1", boot_id="1-x", sequence=3, observed_generation=0, highest_generation=0, facts=NodeFacts()
)
RESULT = RunResult(
    attempt=1,
    manifest=ModelManifest(name="m", sub_models=(sub_model(artifact()),)),
    lineage=Lineage(
        run=7,
        request="r",
        network="n",
        sources=(),
        stream="s",
        records="",
        seed=0,
        split_seed=0,
        parameters=TrainingParameters(),
    ),
    epochs=1,
    test={},
)
CONTENT = bytes(range(256)) * 2000


@pytest.fixture
async def server() -> AsyncIterator[PretendControlPlane]:
    async with pretend_control_plane() as made:
        yield made


@pytest.fixture
async def client(server: PretendControlPlane) -> AsyncIterator[ControlPlane]:
    made = ControlPlane(server.url, tls=None, credential=CREDENTIAL)
    yield made
    await made.close()


async def test_a_token_is_exchanged_for_a_credential_once(client: ControlPlane) -> None:
    assert (await client.enrol(TOKEN, Enrolment(name="node-1"))).credential == CREDENTIAL
    with pytest.raises(ControlPlaneError, match="unknown token") as raised:
        await client.enrol(TOKEN, Enrolment(name="node-1"))
    assert raised.value.status == 401


async def test_reports_share_one_connection(client: ControlPlane, server: PretendControlPlane) -> None:
    for _ in range(3):
        assert (await client.report(REPORT)).sequence == 3
    assert server.connections == 1


async def test_after_a_refusal_the_next_exchange_works(client: ControlPlane, server: PretendControlPlane) -> None:
    server.refusal = 503
    with pytest.raises(ControlPlaneError, match="told to refuse"):
        await client.report(REPORT)
    server.refusal = None
    await client.report(REPORT)


async def test_after_a_restart_of_the_server_the_next_exchange_works(
    client: ControlPlane, server: PretendControlPlane
) -> None:
    await client.report(REPORT)
    await server.stop()
    with pytest.raises(ControlPlaneError, match=r"cannot connect|no answer") as raised:
        await client.report(REPORT)
    assert is_passing(raised.value)
    await server.start()
    await client.report(REPORT)


async def test_the_watch_brings_each_change_and_heartbeats_between(
    client: ControlPlane, server: PretendControlPlane
) -> None:
    first, second = assignment(1, workload()), assignment(2, workload("other"))
    async with aclosing(client.watch("node-1", 0, silence_deadline_s=5)) as items:
        assert await anext(items) is None
        await server.assign(first)
        assert await next_assignment(items) == first
        assert await anext(items) is None
        await server.assign(second)
        assert await next_assignment(items) == second


async def next_assignment(items: AsyncIterator[object]) -> object:
    return await anext(item async for item in items if item is not None)


async def test_a_watch_without_heartbeats_ends_with_the_deadline(
    client: ControlPlane, server: PretendControlPlane
) -> None:
    server.silent = True
    with pytest.raises(ControlPlaneError, match="timed out"):
        async with aclosing(client.watch("node-1", 0, silence_deadline_s=0.2)) as items:
            async for _ in items:
                pass


@pytest.mark.parametrize("offset", [0, 1, 100_000, len(CONTENT) - 1])
async def test_an_artifact_comes_whole_from_any_offset(
    client: ControlPlane, server: PretendControlPlane, offset: int
) -> None:
    sha256 = artifact(CONTENT).sha256
    server.artifacts[sha256] = CONTENT
    assert b"".join([chunk async for chunk in client.artifact(sha256, offset=offset)]) == CONTENT[offset:]


async def test_a_server_that_knows_no_ranges_sends_what_is_here_already_and_that_is_skipped(
    client: ControlPlane, server: PretendControlPlane
) -> None:
    sha256 = artifact(CONTENT).sha256
    server.artifacts[sha256], server.knows_ranges = CONTENT, False
    assert b"".join([chunk async for chunk in client.artifact(sha256, offset=70_000)]) == CONTENT[70_000:]


async def test_a_download_that_breaks_says_so(client: ControlPlane, server: PretendControlPlane) -> None:
    sha256 = artifact(CONTENT).sha256
    server.artifacts[sha256], server.cut_at = CONTENT, 1000
    with pytest.raises(ControlPlaneError, match="broke off") as raised:
        async for _ in client.artifact(sha256, offset=0):
            pass
    assert is_passing(raised.value)


async def test_nobody_listening_is_a_passing_error() -> None:
    with pytest.raises(ControlPlaneError, match="cannot connect") as raised:
        await ControlPlane("http://127.0.0.1:1", tls=None).report(REPORT)
    assert is_passing(raised.value)


@pytest.mark.parametrize(("status", "passing"), [(0, True), (401, False), (404, False), (429, True), (503, True)])
def test_only_what_waiting_can_mend_is_passing(status: int, passing: bool) -> None:
    assert is_passing(ControlPlaneError("", status=status)) is passing


async def test_an_upload_that_broke_off_goes_on_where_it_stands(
    client: ControlPlane, server: PretendControlPlane, tmp_path: Path
) -> None:
    content = bytes(range(256)) * 8192
    file, sha256 = tmp_path / "weights.npz", hashlib.sha256(content).hexdigest()
    file.write_bytes(content)
    server.cut_at = 100_000
    sent: list[int] = []
    with pytest.raises(ControlPlaneError):
        await upload(client, file, sha256, sent=sent.append)
    assert len(server.uploads[sha256]) == 100_000
    await upload(client, file, sha256, sent=sent.append)
    assert server.uploads[sha256] == content
    assert sent[0] == 100_000 + PIECE_BYTES
    assert sent[-1] == len(content)
    await upload(client, file, sha256, sent=sent.append)
    assert sent[-1] == len(content)


async def test_an_empty_file_is_uploaded_too(client: ControlPlane, server: PretendControlPlane, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    await upload(client, tmp_path / "empty", hashlib.sha256().hexdigest(), sent=lambda _: None)


async def test_a_result_of_an_attempt_that_is_over_is_refused(
    client: ControlPlane, server: PretendControlPlane
) -> None:
    server.refuses_results = 409
    with pytest.raises(ControlPlaneError, match="another attempt") as raised:
        await client.result(7, RESULT)
    assert raised.value.status == 409
    server.refuses_results = None
    await client.result(7, RESULT)
    assert server.results == [(7, RESULT)]
