"""Programs that mean harm, each in a process of its own, held by the real guard."""

import asyncio
import signal
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from agent.training.running.confined import Confined, Ending
from agent.training.running.limits import Limits
from tests.agent.training.running.programs import SMALL, WITHOUT_NAMESPACES, at_work_in, confining, ran, said_where

pytestmark = pytest.mark.timeout(300)


async def until_gone(folder: Path) -> None:
    async with asyncio.timeout(60):
        while at_work_in(folder):  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.02)


async def test_a_program_reads_what_it_is_given_and_says_its_lines(tmp_path: Path) -> None:
    code = "import sys; print(sys.stdin.read().upper()); print('why', file=sys.stderr); sys.exit(3)"
    ending, said = await ran(tmp_path, code, given=b"one\ntwo")
    assert (ending, said) == (Ending(status=3, errors=("why",)), ["ONE", "TWO"])


async def test_a_program_sees_no_secret_of_its_parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGLINE_AGENT_TOKEN", "very-secret")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very-secret")
    _, said = await ran(tmp_path, "import os; print(dict(os.environ)); print(os.getcwd())")
    assert "very-secret" not in said[0]
    assert said[1] == str(tmp_path)


async def test_a_program_reaches_no_network_not_even_this_machine(tmp_path: Path) -> None:
    async with await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        code = f"import socket; socket.create_connection(('127.0.0.1', {port}), timeout=2)"
        ending, _ = await ran(tmp_path, code)
        assert "Network is unreachable" in ending.errors[-1]
        allowed, _ = await ran(tmp_path, code, limits=Limits(network=True))
        assert allowed.status == 0


async def test_a_program_writes_in_its_own_folder_alone(tmp_path: Path) -> None:
    folder, other = tmp_path / "own", tmp_path / "credential.json"
    folder.mkdir()
    other.write_text("kept")
    tries = f"open('mine', 'w').write('x'); open('/dev/null', 'w').write('x'); open({str(other)!r}, 'w')"
    ending, _ = await ran(folder, tries)
    assert "PermissionError" in ending.errors[-1]
    ending, _ = await ran(folder, f"import os; os.unlink({str(other)!r})")
    assert "PermissionError" in ending.errors[-1]
    assert ((folder / "mine").read_text(), other.read_text()) == ("x", "kept")
    allowed, _ = await ran(folder, f"open({str(other)!r}, 'w')", limits=Limits(disk=True))
    assert allowed.status == 0


async def test_a_program_that_takes_too_much_memory_is_ended_with_the_numbers(tmp_path: Path) -> None:
    ending, _ = await ran(tmp_path, "kept = []\nwhile True: kept.append(bytearray(b'x' * 2**20))")
    assert ending.signal == "SIGKILL"
    assert ending.exceeded.endswith("MiB of memory, and may have 200 MiB")


async def test_a_mapped_file_is_not_memory_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "shelf").write_bytes(bytes(300 * 2**20))
    code = "import mmap, time; f = open('shelf', 'rb'); m = mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ)\n"
    ending, said = await ran(tmp_path, code + "print(sum(m[::4096])); time.sleep(0.6)")
    assert (ending.status, said, ending.errors) == (0, ["0"], ())


async def test_a_program_that_forks_without_end_is_ended_and_nothing_of_it_is_left(tmp_path: Path) -> None:
    code = "import os\nwhile True: os.fork()"
    ending, _ = await ran(tmp_path, code)
    assert ending.exceeded.endswith("processes, and may have 20")
    assert not at_work_in(tmp_path)


async def test_what_a_program_leaves_behind_in_a_session_of_its_own_ends_with_it(tmp_path: Path) -> None:
    child = "os.setsid(); print('up', flush=True); os.write(w, b'x'); time.sleep(60)"
    code = f"import os, time\nr, w = os.pipe()\nif os.fork() == 0:\n {child}\nos.read(r, 1)"
    ending, said = await ran(tmp_path, code)
    assert (ending.status, said) == (0, ["up"])
    assert not at_work_in(tmp_path)


async def test_a_program_that_does_not_leave_when_asked_is_killed_after_the_grace(tmp_path: Path) -> None:
    asked = "lambda *_: os.write(1, b'no')"
    code = f"import os, signal, time; signal.signal(signal.SIGTERM, {asked}); print('up', flush=True)"
    limits = replace(SMALL, grace_s=5.0)
    program = Confined(arguments=("-c", f"{code}\nwhile True: time.sleep(1)"), folder=tmp_path, limits=limits)
    said: list[bytes] = []

    def heard(line: bytes) -> None:
        said.append(line)
        if line == b"up":
            program.leave()

    ending = await program.run(said=heard, noticed=lambda _: None)
    assert (ending.signal, said) == ("SIGKILL", [b"up", b"no"])


async def test_a_program_whose_agent_is_killed_goes_with_it_and_so_do_its_children(tmp_path: Path) -> None:
    inner = "import os, time; child = os.fork(); print('up', flush=True); time.sleep(60)"
    outer = confining(tmp_path, inner)
    agent = await asyncio.create_subprocess_exec(sys.executable, "-c", outer, stdout=asyncio.subprocess.PIPE)
    assert agent.stdout is not None
    assert [await agent.stdout.readline() for _ in range(2)] == [b"up\n"] * 2
    assert len(at_work_in(tmp_path)) == 4
    agent.send_signal(signal.SIGKILL)
    await agent.wait()
    await until_gone(tmp_path)


async def test_a_program_whose_guard_is_killed_ends_as_its_guard_did(tmp_path: Path) -> None:
    code = "import time; print('up', flush=True); time.sleep(60)"
    program = Confined(arguments=("-c", code), folder=tmp_path, limits=SMALL)

    def heard(_: bytes) -> None:
        (guard,) = (one for one in psutil.Process().children() if "agent.training.running.guard" in one.cmdline())
        guard.kill()

    ending = await program.run(said=heard, noticed=lambda _: None)
    assert (ending.status, ending.signal) == (-signal.SIGKILL, "SIGKILL")
    await until_gone(tmp_path)


async def test_a_program_that_is_cancelled_is_gone_on_return(tmp_path: Path) -> None:
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    code = "import time; print('up', flush=True); time.sleep(60)"
    program = Confined(arguments=("-c", code), folder=tmp_path, limits=SMALL)
    running = asyncio.create_task(program.run(said=heard.put_nowait, noticed=lambda _: None))
    assert await heard.get() == b"up"
    assert at_work_in(tmp_path)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not at_work_in(tmp_path)


async def test_where_the_kernel_refuses_namespaces_all_but_the_network_is_held_and_this_is_said(tmp_path: Path) -> None:
    bomb = "import os\nwhile True: os.fork()"
    said = await said_where(WITHOUT_NAMESPACES, confining(tmp_path, bomb, "Limits(processes=20)"))
    assert "the network's code can reach the network" in said
    assert "processes, and may have 20" in said


async def test_a_line_without_an_end_is_cut(tmp_path: Path) -> None:
    _, said = await ran(tmp_path, "import sys\nfor _ in range(64): sys.stdout.write('x' * 2**14)\nprint('\\nlast')")
    assert [len(line) for line in said] == [2**16, 4]
