"""Agents that only watch: thousands of open streams in one process, each on an address of its own network.

    python -m simulations.bench.bare.agents SETTINGS.json

Prints `open` once every stream is there, and `told GENERATION` once every agent has that generation. When each of them
got it stands in the file `GENERATION` of the folder: readings of the monotonic clock, in seconds.
"""

import asyncio
import re
import resource
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from shared.documents import Message, decode

# So many streams are being opened at once: a crowd after a power cut, held back by its back-off.
OPENING_AT_ONCE = 64
# A port range has room for as many streams to one server.
STREAMS_AN_ADDRESS = 5_000
_GENERATION = re.compile(rb'"generation":(\d+)')
_HEAD_END = b"\r\n\r\n"


class AgentsSettings(Message, frozen=True, kw_only=True):
    """`credentials` by node."""

    host: str
    port: int
    credentials: dict[str, str]
    first_address: int
    folder: str


class Stream(asyncio.Protocol):
    """One agent's open request. `told` is called with a generation once its whole line is there."""

    def __init__(self, request: bytes, told: Callable[[int], None]) -> None:
        self.is_open = asyncio.get_running_loop().create_future()
        self._request = request
        self._told = told
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._rest += data
        if not self.is_open.done():
            head, end, self._rest = self._rest.partition(_HEAD_END)
            if not end:
                self._rest = head
                return
            self._opened(head)
        *lines, self._rest = self._rest.split(b"\n")
        for line in lines:
            if found := _GENERATION.search(line):
                self._told(int(found[1]))

    def connection_lost(self, error: Exception | None) -> None:
        sys.exit(f"a stream was lost: {error or 'closed by the control plane'}")

    def _opened(self, head: bytes) -> None:
        if b" 200 " not in head.partition(b"\r\n")[0]:
            sys.exit(f"a stream was refused: {head!r}")
        self.is_open.set_result(None)


class Told:
    """Counts who has which generation; writes a generation down when all have it."""

    def __init__(self, settings: AgentsSettings) -> None:
        self._agents = len(settings.credentials)
        self._folder = Path(settings.folder)
        self._times: dict[int, list[float]] = {}
        self._clock = asyncio.get_running_loop().time

    def __call__(self, generation: int) -> None:
        times = self._times.setdefault(generation, [])
        times.append(self._clock())
        if len(times) == self._agents:
            (self._folder / str(generation)).write_bytes(msgspec.json.encode(times))
            say(f"told {generation}")


async def run(settings: AgentsSettings) -> None:
    told, opening = Told(settings), asyncio.Semaphore(OPENING_AT_ONCE)
    async with asyncio.TaskGroup() as tasks:
        for number, (name, credential) in enumerate(settings.credentials.items()):
            address = f"127.0.0.{settings.first_address + number // STREAMS_AN_ADDRESS}"
            tasks.create_task(_open(settings, name, credential, address, told, opening))
    say("open")
    await asyncio.Event().wait()


async def _open(
    settings: AgentsSettings, name: str, credential: str, address: str, told: Told, opening: asyncio.Semaphore
) -> None:
    request = (
        f"GET /v1/nodes/{name}/assignment/watch?generation=0 HTTP/1.1\r\n"
        f"Host: {settings.host}\r\nAuthorization: Bearer {credential}\r\n\r\n"
    ).encode()
    async with opening:
        _, stream = await asyncio.get_running_loop().create_connection(
            lambda: Stream(request, told), settings.host, settings.port, local_addr=(address, 0)
        )
        await stream.is_open


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(file: Path) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(run(decode(file.read_bytes(), AgentsSettings)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
