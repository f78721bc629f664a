"""Programs that mean harm, each in a process of its own, held by the real guard."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from agent.training.running.confined import Confined, Ending
from agent.training.running.limits import Limits

pytestmark = pytest.mark.timeout(60)
SMALL = Limits(memory_bytes=200 * 2**20, processes=20, grace_s=0.5)


async def ran(folder: Path, code: str, *, limits: Limits = SMALL, given: bytes = b"") -> tuple[Ending, list[str]]:
    said: list[bytes] = []
    notices: list[str] = []
    program = Confined(arguments=("-c", code), folder=folder, limits=limits, given=given)
    async with asyncio.timeout(30):
        ending = await program.run(said=said.append, noticed=notices.append)
    assert not notices
    return ending, [line.decode() for line in said]


def is_alive(process: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


async def until_gone(process: int) -> None:
    async with asyncio.timeout(10):
        while is_alive(process):  # noqa: ASYNC110 - nothing announces it
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


async def test_a_program_cannot_look_into_its_parents_process(tmp_path: Path) -> None:
    ending, said = await ran(tmp_path, f"print(open('/proc/{os.getpid()}/environ').read())")
    assert (ending.status, said) == (1, [])
    assert "PermissionError" in ending.errors[-1]


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
    code = "import os\nopen('begun', 'w').write(os.readlink('/proc/self'))\nwhile True: os.fork()"
    ending, _ = await ran(tmp_path, code)
    assert ending.exceeded.endswith("processes, and may have 20")
    session = int((tmp_path / "begun").read_text())
    with pytest.raises(ProcessLookupError):
        os.killpg(session, 0)


async def test_what_a_program_leaves_behind_in_a_session_of_its_own_ends_with_it(tmp_path: Path) -> None:
    told = "print(os.readlink('/proc/self'), flush=True)"
    child = f"os.setsid(); {told}; os.write(w, b'x'); time.sleep(60)"
    code = f"import os, time\nr, w = os.pipe()\nif os.fork() == 0:\n {child}\nos.read(r, 1)"
    ending, said = await ran(tmp_path, code)
    assert ending.status == 0
    assert not is_alive(int(said[0]))


async def test_a_program_that_does_not_leave_when_asked_is_killed_after_the_grace(tmp_path: Path) -> None:
    asked = "lambda *_: os.write(1, b'no')"
    code = f"import os, signal, time; signal.signal(signal.SIGTERM, {asked}); print('up', flush=True)"
    program = Confined(arguments=("-c", f"{code}\nwhile True: time.sleep(1)"), folder=tmp_path, limits=SMALL)
    said: list[bytes] = []

    def heard(line: bytes) -> None:
        said.append(line)
        program.leave()

    ending = await program.run(said=heard, noticed=lambda _: None)
    assert (ending.signal, said) == ("SIGKILL", [b"up", b"no"])


async def test_a_program_whose_agent_is_killed_goes_with_it_and_so_do_its_children(tmp_path: Path) -> None:
    inner = "import os, time; child = os.fork(); print(os.readlink('/proc/self'), flush=True); time.sleep(60)"
    outer = (
        "import asyncio, sys; from pathlib import Path; from agent.training.running.confined import Confined;"
        " from agent.training.running.limits import Limits;"
        f" program = Confined(arguments=('-c', {inner!r}), folder=Path({str(tmp_path)!r}), limits=Limits());"
        " asyncio.run(program.run(said=lambda line: print(line.decode(), flush=True), noticed=print))"
    )
    agent = await asyncio.create_subprocess_exec(sys.executable, "-c", outer, stdout=asyncio.subprocess.PIPE)
    assert agent.stdout is not None
    processes = [int(await agent.stdout.readline()) for _ in range(2)]
    agent.send_signal(signal.SIGKILL)
    await agent.wait()
    for process in processes:
        await until_gone(process)


async def test_a_program_that_is_cancelled_is_gone_on_return(tmp_path: Path) -> None:
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    code = "import os, time; print(os.readlink('/proc/self'), flush=True); time.sleep(60)"
    program = Confined(arguments=("-c", code), folder=tmp_path, limits=SMALL)
    running = asyncio.create_task(program.run(said=heard.put_nowait, noticed=lambda _: None))
    process = int(await heard.get())
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not is_alive(process)


REFUSING = """\
import ctypes, os, sys
from pathlib import Path
if ctypes.CDLL(None).unshare(0x10000000): sys.exit(77)
Path("/proc/self/setgroups").write_text("deny")
Path("/proc/self/uid_map").write_text(f"1000 {sys.argv[1]} 1")
Path("/proc/self/gid_map").write_text(f"1000 {sys.argv[2]} 1")
for kind in ("user", "net", "pid"): Path(f"/proc/sys/user/max_{kind}_namespaces").write_text("0")
os.execv(sys.executable, [sys.executable, "-c", sys.argv[3]])
"""


async def test_where_the_kernel_refuses_namespaces_all_but_the_network_is_held_and_this_is_said(tmp_path: Path) -> None:
    bomb = "import os\nwhile True: os.fork()"
    outer = (
        "import asyncio; from pathlib import Path; from agent.training.running.confined import Confined;"
        " from agent.training.running.limits import Limits;"
        f" limits = Limits(processes=20); folder = Path({str(tmp_path)!r});"
        f" program = Confined(arguments=('-c', {bomb!r}), folder=folder, limits=limits);"
        " print(asyncio.run(program.run(said=print, noticed=print)))"
    )
    identity = (str(os.geteuid()), str(os.getegid()))
    refusing = (sys.executable, "-c", REFUSING, *identity, outer)
    agent = await asyncio.create_subprocess_exec(*refusing, stdout=asyncio.subprocess.PIPE)
    said, _ = await agent.communicate()
    if agent.returncode == 77:
        pytest.skip("this kernel refuses namespaces anyway")
    assert b"the network's code can reach the network" in said
    assert b"processes, and may have 20" in said


async def test_a_line_without_an_end_is_cut(tmp_path: Path) -> None:
    _, said = await ran(tmp_path, "import sys\nfor _ in range(64): sys.stdout.write('x' * 2**14)\nprint('\\nlast')")
    assert [len(line) for line in said] == [2**16, 4]
