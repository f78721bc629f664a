"""The DevTools protocol over two pipes: JSON messages, each ended by a zero byte.

https://chromedevtools.github.io/devtools-protocol/ describes the methods and events. A browser on pipes listens on no
port and ends when its owner does.
"""

import fcntl
import os
import select
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import msgspec

from tests.browser.chromium import Chromium

Message = dict[str, Any]
DEADLINE_S = 30.0
OPTIONS = (
    "--headless=shell",
    # A test machine may be a container, where nobody may make sandboxes; the only pages opened are our own.
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--hide-scrollbars",
    "--font-render-hinting=none",
    # No name leads anywhere.
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--remote-debugging-pipe",
)
# Where Chromium expects its ends of the pipes.
HEARS, SAYS = 3, 4


class Devtools:
    """Calls, and the events that were told meanwhile, in `events`."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self.events: list[Message] = []
        self._to, self._from = to_browser, from_browser
        self._ids = count(1)
        self._unread = b""

    def call(self, method: str, *, session: str | None = None, **params: object) -> Message:
        """The result. Raises RuntimeError when the browser refuses, TimeoutError when it does not answer."""
        number = next(self._ids)
        said = {"id": number, "method": method, "params": params} | ({"sessionId": session} if session else {})
        os.write(self._to, msgspec.json.encode(said) + b"\0")
        for heard in self._heard():
            if heard.get("id") == number:
                if "error" in heard:
                    raise RuntimeError(f"{method}: {heard['error']}")
                result: Message = heard["result"]
                return result
        raise AssertionError("what is heard never ends but by an error")

    def await_event(self, method: str, session: str) -> None:
        """Told before, or until it is."""
        if not any(one["method"] == method and one.get("sessionId") == session for one in self.events):
            next(one for one in self._heard() if one.get("method") == method and one.get("sessionId") == session)

    def _heard(self) -> Iterator[Message]:
        end = time.monotonic() + DEADLINE_S
        while True:
            *whole, self._unread = self._unread.split(b"\0", 1)
            if not whole:
                self._unread += self._read(end)
                continue
            heard: Message = msgspec.json.decode(whole[0])
            if "method" in heard:
                self.events.append(heard)
            yield heard

    def _read(self, end: float) -> bytes:
        if not select.select([self._from], [], [], max(0.0, end - time.monotonic()))[0]:
            raise TimeoutError(f"the browser said nothing for {DEADLINE_S:g} s")
        read = os.read(self._from, 2**16)
        if not read:
            raise RuntimeError("the browser ended")
        return read


@contextmanager
def running(chromium: Chromium, profile: Path) -> Iterator[Devtools]:
    """`profile`: an empty folder that it may fill. What it says of itself goes into `profile/log`."""
    ours, theirs = zip(*(_pipe(), _pipe()[::-1]), strict=True)
    pid = _start(chromium, profile, hears=theirs[0], says=theirs[1])
    try:
        for end in theirs:
            os.close(end)
        yield Devtools(*ours)
    finally:
        for end in ours:
            os.close(end)
        os.killpg(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _pipe() -> tuple[int, int]:
    """The end to write to and the end to read from, away from the places that a child's ends are put."""
    ends = []
    for end in reversed(os.pipe()):
        ends.append(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, SAYS + 1))
        os.close(end)
    return ends[0], ends[1]


def _start(chromium: Chromium, profile: Path, *, hears: int, says: int) -> int:
    log = str(profile / "log")
    actions: list[tuple[Any, ...]] = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
        (os.POSIX_SPAWN_DUP2, hears, HEARS),
        (os.POSIX_SPAWN_DUP2, says, SAYS),
    ]
    command = [str(chromium.program), *OPTIONS, f"--user-data-dir={profile}"]
    environment: Mapping[str, str] = chromium.environment
    return os.posix_spawn(chromium.program, command, environment, file_actions=actions, setpgroup=0)
