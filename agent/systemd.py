"""Telling systemd how this service is, over the socket it names. A no-op where there is none.

The protocol: sd_notify(3).
"""

import logging
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from shared.errors import SettingsError

logger = logging.getLogger(__name__)

READY = "READY=1"
STOPPING = "STOPPING=1"
WATCHDOG = "WATCHDOG=1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceManager:
    """`watchdog_s` is the silence after which systemd would restart the agent; None without `WatchdogSec`."""

    address: str | None = None
    watchdog_s: float | None = None

    def notify(self, state: str) -> None:
        if self.address is None:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
                # A leading @ means the abstract namespace, whose names begin with a zero byte.
                channel.connect("\0" + self.address[1:] if self.address.startswith("@") else self.address)
                channel.sendall(state.encode())
        except OSError as error:
            # Nobody listening is a matter between systemd and its operator; records are answered all the same.
            logger.warning("systemd cannot be told", extra={"state": state, "reason": str(error)})


def service_manager(environ: Mapping[str, str], *, process: int) -> ServiceManager:
    """Read NOTIFY_SOCKET and WATCHDOG_USEC; a watchdog meant for another process is none of ours."""
    for_us = environ.get("WATCHDOG_PID") in (None, str(process))
    text = environ.get("WATCHDOG_USEC") if for_us else None
    if text is not None and not text.isdecimal():
        raise SettingsError(f"WATCHDOG_USEC is {text!r}, not a number of microseconds")
    return ServiceManager(
        address=environ.get("NOTIFY_SOCKET") or None,
        watchdog_s=int(text) / 1e6 if text and int(text) else None,
    )
