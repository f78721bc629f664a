"""A link of the kernel's own, to hold the shaper's bandwidth against: a network namespace behind a token bucket (TBF).

It needs root and iproute2. The kernel has more that a link needs (netem: latency, jitter, loss), but not everywhere,
and for users who are not root never: this is why experiments run over links in user space.
"""

import ctypes
import os
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from shared.errors import SettingsError

# Of the network that RFC 2544 reserves for such measurements; a namespace of its own has nobody to meet.
NEAR, FAR = "198.18.77.1", "198.18.77.2"
# A full bucket passes at once: two segmentation-offloaded packets at most, and what waits is dropped after so long.
BURST_BYTES, QUEUE_MS = 2 * 64 * 1024, 200
_NEW_NETWORK = 0x40000000


@contextmanager
def token_bucket(bandwidth: float) -> Iterator[socket.socket]:
    """A listener that is reached over `bandwidth` bytes a second. Raises SettingsError where none can be made."""
    name = f"fogline-{os.getpid()}"
    with ExitStack() as made:
        _run("ip", "netns", "add", name)
        made.callback(_run, "ip", "netns", "delete", name)
        near, far = f"fog{os.getpid()}a", f"fog{os.getpid()}b"
        _run("ip", "link", "add", near, "type", "veth", "peer", "name", far, "netns", name)
        _run("ip", "address", "add", f"{NEAR}/30", "dev", near)
        _run("ip", "-n", name, "address", "add", f"{FAR}/30", "dev", far)
        _run("ip", "link", "set", near, "up")
        _run("ip", "-n", name, "link", "set", far, "up")
        rate = f"{bandwidth * 8:.0f}bit"
        bucket = ("rate", rate, "burst", str(BURST_BYTES), "latency", f"{QUEUE_MS}ms")
        _run("tc", "qdisc", "add", "dev", near, "root", "tbf", *bucket)
        yield made.enter_context(_listening(Path("/run/netns") / name))


def _listening(namespace: Path) -> socket.socket:
    """A socket stays in the network it was made in; the thread that went there for it ends."""
    with ThreadPoolExecutor(max_workers=1) as elsewhere:
        return elsewhere.submit(_listen_in, namespace).result()


def _listen_in(namespace: Path) -> socket.socket:
    c = ctypes.CDLL(None, use_errno=True)
    with namespace.open() as opened:
        if c.setns(opened.fileno(), _NEW_NETWORK):
            raise SettingsError(f"cannot enter {namespace}: {os.strerror(ctypes.get_errno())}")
    return socket.create_server((FAR, 0))


def _run(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise SettingsError(f"{command[0]} cannot be run: {error}") from error
    if done.returncode:
        raise SettingsError(f"`{' '.join(command)}` failed: {done.stderr.strip()}")
