"""The whole agent as a process of its own, against a control plane that can be told to misbehave."""

import asyncio
import signal
import socket
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

import pytest
from msgspec.structs import replace

from shared.artifacts import ArtifactStore
from shared.documents import Phase
from shared.errors import ControlPlaneError, StorageError
from tests.agent.agent_process import all_running, counting, diary, until
from tests.agent.documents import artifact, assignment, sub_model, workload
from tests.agent.pretend import TOKEN, PretendControlPlane, pretend_control_plane


@pytest.fixture
async def control_plane() -> AsyncIterator[PretendControlPlane]:
    async with pretend_control_plane() as made:
        yield made


def agent(
    state: Path,
    control_plane: PretendControlPlane,
    *more: str,
    token: str = TOKEN,
    variables: Mapping[str, str] = MappingProxyType({}),
) -> AbstractAsyncContextManager[Process]:
    return counting(state, control_plane.url, *more, token=token, variables=variables)


async def test_a_new_agent_enrols_runs_its_assignment_and_reports(
    tmp_path: Path, control_plane: PretendControlPlane
) -> None:
    await control_plane.assign(assignment(1, workload("one"), workload("two")))
    async with agent(tmp_path, control_plane, "--label", "tier=edge"):
        report = await control_plane.report(all_running(1))
    assert control_plane.enrolments[0].labels == {"tier": "edge"}
    assert {one.id for one in report.workloads} == {"one", "two"}
    assert report.facts.cores >= 1


async def test_sigterm_drains_and_exits_zero(tmp_path: Path, control_plane: PretendControlPlane) -> None:
    await control_plane.assign(assignment(1, workload()))
    async with agent(tmp_path, control_plane) as process:
        await control_plane.report(all_running(1))
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
    assert diary(tmp_path)[-1] == "one drained"
    last = await control_plane.report(lambda report: report.workloads[0].phase is Phase.STOPPED)
    assert [one.phase for one in last.workloads] == [Phase.STOPPED]


async def test_a_second_signal_is_obeyed_at_once(tmp_path: Path, control_plane: PretendControlPlane) -> None:
    await control_plane.assign(assignment(1, workload(group="drains-slowly")))
    async with agent(tmp_path, control_plane) as process:
        await control_plane.report(all_running(1))
        process.send_signal(signal.SIGINT)
        await control_plane.report(lambda report: report.workloads[0].phase is Phase.DRAINING)
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == -signal.SIGTERM


async def test_a_drain_has_a_deadline(tmp_path: Path, control_plane: PretendControlPlane) -> None:
    await control_plane.assign(assignment(1, workload(group="drains-slowly")))
    async with agent(tmp_path, control_plane, "--drain-deadline-s", "0.3") as process:
        await control_plane.report(all_running(1))
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
    report = await control_plane.report(lambda report: report.workloads[0].phase is Phase.STOPPED)
    (last,) = report.workloads
    assert "did not drain within 0.3 s" in last.reason


async def test_after_a_crash_everything_starts_from_the_store_with_the_control_plane_away(
    tmp_path: Path, control_plane: PretendControlPlane
) -> None:
    await control_plane.assign(assignment(1, workload("one"), workload("two")))
    async with agent(tmp_path, control_plane) as process:
        await control_plane.report(all_running(1))
        process.kill()
        await process.wait()
    await control_plane.stop()
    before = len(diary(tmp_path))
    async with agent(tmp_path, control_plane):
        await until(lambda: [line.split()[1] for line in diary(tmp_path)].count("running") == 4)
        await control_plane.start()
        report = await control_plane.report(lambda report: report.boot_id.startswith("2-"))
    assert report.observed_generation == 1
    assert len(diary(tmp_path)) == before + 4
    assert len(control_plane.enrolments) == 1


async def test_the_control_plane_going_and_coming_back_is_logged_once_each(
    tmp_path: Path, control_plane: PretendControlPlane
) -> None:
    await control_plane.assign(assignment(1, workload()))
    async with agent(tmp_path, control_plane) as process:
        await control_plane.report(all_running(1))
        await control_plane.stop()
        await asyncio.sleep(2)
        await control_plane.start()
        await control_plane.assign(assignment(2, workload(), workload("two")))
        await control_plane.report(all_running(2))
        process.send_signal(signal.SIGTERM)
        log = (await process.communicate())[1].decode()
    assert log.count("control plane away") <= 2  # the stream broke, then nobody listened: two reasons
    assert log.count("control plane back") == 1
    assert diary(tmp_path).count("one running 1") == 1


async def test_a_generation_that_goes_backwards_is_refused_and_reported(
    tmp_path: Path, control_plane: PretendControlPlane
) -> None:
    await control_plane.assign(assignment(7, workload()))
    async with agent(tmp_path, control_plane):
        await control_plane.report(all_running(7))
        await control_plane.assign(assignment(3, workload("two")))
        report = await control_plane.report(lambda report: report.refused_generation == 3)
        assert report.observed_generation == report.highest_generation == 7
        assert [one.id for one in report.workloads] == ["one"]
        await control_plane.assign(assignment(8, workload("two")))
        report = await control_plane.report(all_running(8))
        assert report.refused_generation is None


async def test_a_changed_document_is_applied_without_a_restart(
    tmp_path: Path, control_plane: PretendControlPlane
) -> None:
    await control_plane.assign(assignment(1, workload()))
    async with agent(tmp_path, control_plane):
        await control_plane.report(all_running(1))
        await control_plane.assign(assignment(2, workload(version=2)))
        await control_plane.report(lambda report: report.workloads[0].versions == ("m/2",))
    assert diary(tmp_path) == ["one made", "one running 1", "one updated 2"]


async def test_when_an_update_is_refused_the_old_document_stays_and_the_status_says_why(
    tmp_path: Path, control_plane: PretendControlPlane
) -> None:
    await control_plane.assign(assignment(1, workload()))
    async with agent(tmp_path, control_plane):
        first = await control_plane.report(all_running(1))
        await control_plane.assign(assignment(2, workload(version=2, group="refuses-updates")))
        report = await control_plane.report(lambda report: report.workloads[0].reason == "told to refuse")
    assert report.observed_generation == 2
    assert report.workloads[0].phase is Phase.RUNNING
    assert report.workloads[0].revision == first.workloads[0].revision


async def test_after_a_bad_update_a_reboot_brings_back_what_worked(
    tmp_path: Path, control_plane: PretendControlPlane
) -> None:
    await control_plane.assign(assignment(1, workload()))
    async with agent(tmp_path, control_plane) as process:
        await control_plane.report(all_running(1))
        await control_plane.assign(assignment(2, workload(version=2, group="is-no-model")))
        await control_plane.report(lambda report: bool(report.workloads[0].reason))
        process.kill()
        await process.wait()
    async with agent(tmp_path, control_plane):
        report = await control_plane.report(lambda report: report.boot_id.startswith("2-") and all_running(2)(report))
    assert report.workloads[0].versions == ("m/1",)
    assert report.workloads[0].reason == "told to be no model"


async def test_workloads_fail_alone_and_say_why(tmp_path: Path, control_plane: PretendControlPlane) -> None:
    await control_plane.assign(
        assignment(
            1,
            workload("healthy"),
            workload("crashing", group="crashes"),
            workload("stuck", group="never-starts", start_deadline_s=0.2),
            {"kind": "training", "id": "later"},
            {"kind": "inference", "id": "broken"},
            {"no": "head"},
        )
    )
    async with agent(tmp_path, control_plane):
        report = await control_plane.report(
            lambda report: [one.phase for one in report.workloads].count(Phase.FAILED) == 5
        )
    reasons = {one.id: one.reason for one in report.workloads}
    assert reasons["healthy"] == ""
    assert reasons["crashing"] == "told to crash"
    assert "did not start within 0.2 s" in reasons["stuck"]
    assert "no workload of kind 'training'" in reasons["later"]
    assert "missing required field" in reasons["broken"]
    assert "workloads[5]" in reasons


async def test_an_artifact_is_fetched_verified_and_a_broken_download_goes_on(
    tmp_path: Path, control_plane: PretendControlPlane
) -> None:
    content = bytes(range(256)) * 1000
    kept = artifact(content)
    control_plane.artifacts[kept.sha256] = content
    control_plane.cut_at = 100_000
    one = workload(group="fetches")
    one = replace(one, versions=(replace(one.versions[0], artifact=kept),))
    await control_plane.assign(assignment(1, one))
    async with agent(tmp_path, control_plane):
        await control_plane.report(all_running(1))
    assert "one fetched 256000" in diary(tmp_path)
    assert control_plane.ranges == ["", "bytes=100000-"]


async def test_once_a_new_version_runs_the_old_ones_artifact_is_removed(
    tmp_path: Path, control_plane: PretendControlPlane
) -> None:
    documents = []
    for version, content in enumerate((b"first", b"second"), start=1):
        kept = artifact(content)
        control_plane.artifacts[kept.sha256] = content
        one = workload(f"version-{version}", group="fetches")
        one = replace(one, versions=(replace(one.versions[0], artifact=kept, sub_model=sub_model(kept)),))
        documents.append(one)
    async with agent(tmp_path, control_plane):
        await control_plane.assign(assignment(1, documents[0]))
        await control_plane.report(all_running(1))
        await control_plane.assign(assignment(2, documents[1]))
        await control_plane.report(lambda report: all_running(2)(report) and len(report.workloads) == 1)
        await until(lambda: ArtifactStore(tmp_path / "artifacts").digests() == {artifact(b"second").sha256})


async def test_two_agents_never_share_a_state_directory(tmp_path: Path, control_plane: PretendControlPlane) -> None:
    await control_plane.assign(assignment(1, workload()))
    async with agent(tmp_path, control_plane):
        await control_plane.report(all_running(1))
        async with agent(tmp_path, control_plane) as second:
            error = (await second.communicate())[1].decode()
            assert second.returncode == StorageError.exit_code
    assert "in use by another agent" in error
    assert error.count("\n") == 1


async def test_a_refused_token_ends_the_agent_with_the_remedy(
    tmp_path: Path, control_plane: PretendControlPlane
) -> None:
    async with agent(tmp_path, control_plane, token="wrong") as process:
        error = (await process.communicate())[1].decode()
    assert process.returncode == ControlPlaneError.exit_code
    assert "ask an operator for a new enrolment token" in error
    assert "wrong" not in error


async def test_a_removed_node_keeps_working_and_comes_back_with_a_new_token(
    tmp_path: Path, control_plane: PretendControlPlane
) -> None:
    await control_plane.assign(assignment(1, workload()))
    async with agent(tmp_path, control_plane) as process:
        await control_plane.report(all_running(1))
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
    control_plane.credential = "credential-after-the-removal"
    control_plane.tokens = {"second-token"}
    async with agent(tmp_path, control_plane, token="second-token"):
        await control_plane.until(lambda: len(control_plane.enrolments) == 2)
        await control_plane.report(lambda report: report.boot_id.startswith("2-") and all_running(1)(report))


async def test_a_damaged_credential_does_not_stop_what_runs(tmp_path: Path, control_plane: PretendControlPlane) -> None:
    await control_plane.assign(assignment(1, workload()))
    async with agent(tmp_path, control_plane) as process:
        await control_plane.report(all_running(1))
        process.kill()
        await process.wait()
    (tmp_path / "credential.json").write_text("damaged")
    async with agent(tmp_path, control_plane) as process:
        assert process.stderr is not None
        await process.stderr.readuntil(b"cannot enrol; what runs keeps running")
        await until(lambda: diary(tmp_path).count("one running 1") == 2)
        process.send_signal(signal.SIGTERM)
        await process.communicate()
        assert process.returncode == 0


async def test_a_control_plane_that_falls_silent_is_asked_anew(
    tmp_path: Path, control_plane: PretendControlPlane
) -> None:
    control_plane.silent = True
    async with agent(tmp_path, control_plane, "--silence-deadline-s", "0.5"):
        await control_plane.until(lambda: len(control_plane.watched) >= 2)


async def test_what_has_not_changed_is_reported_again_under_its_number(
    tmp_path: Path, control_plane: PretendControlPlane
) -> None:
    async with agent(tmp_path, control_plane, "--report-interval-s", "0.1"):
        await control_plane.until(lambda: len(control_plane.reports) >= 4)
    assert control_plane.reports[2] == control_plane.reports[3]
    told = control_plane.enrolments[0].facts, control_plane.reports[3].facts
    assert [facts.report_interval_s for facts in told] == [0.1, 0.1]


async def test_a_control_plane_that_is_back_is_told_everything_at_once(
    tmp_path: Path, control_plane: PretendControlPlane
) -> None:
    await control_plane.assign(assignment(1, workload()))
    async with agent(tmp_path, control_plane, "--report-interval-s", "3600"):
        told = await control_plane.report(all_running(1))
        await control_plane.stop()
        control_plane.reports.clear()
        await control_plane.start()
        assert await control_plane.report(all_running(1)) == told


async def test_systemd_is_told_ready_and_stopping(tmp_path: Path, control_plane: PretendControlPlane) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(20)
        variables = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "200000"}
        async with agent(tmp_path / "state", control_plane, variables=variables) as process:
            told = [await asyncio.to_thread(manager.recv, 100) for _ in range(3)]
            process.send_signal(signal.SIGTERM)
            while told[-1] != b"STOPPING=1":
                told.append(await asyncio.to_thread(manager.recv, 100))
    assert told[:3] == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]


async def test_metrics_are_served_on_request(tmp_path: Path, control_plane: PretendControlPlane) -> None:
    await control_plane.assign(assignment(4, workload()))
    async with agent(tmp_path, control_plane, "--metrics-port", "0") as process:
        assert process.stderr is not None
        line = await process.stderr.readuntil(b"/metrics\n")
        await control_plane.report(all_running(4))
        address = urlsplit(line.decode().rsplit("url=", 1)[1].strip())
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        page = (await reader.read()).decode()
        writer.close()
    assert "fogline_agent_generation 4" in page
    assert 'fogline_agent_workloads{phase="running"} 1' in page
