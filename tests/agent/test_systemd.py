import socket
from pathlib import Path

import pytest

from agent.systemd import READY, service_manager
from shared.errors import SettingsError


@pytest.mark.parametrize("abstract", [False, True])
def test_the_manager_hears_what_it_is_told(tmp_path: Path, abstract: bool) -> None:
    name = f"{tmp_path}/notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"\0{name}" if abstract else name)
        service_manager({"NOTIFY_SOCKET": f"@{name}" if abstract else name}, process=1).notify(READY)
        assert manager.recv(100) == b"READY=1"


def test_without_a_manager_nothing_happens() -> None:
    service_manager({}, process=1).notify(READY)


@pytest.mark.parametrize(
    ("environ", "watchdog_s"),
    [
        ({"WATCHDOG_USEC": "2500000"}, 2.5),
        ({"WATCHDOG_USEC": "2500000", "WATCHDOG_PID": "7"}, 2.5),
        ({"WATCHDOG_USEC": "2500000", "WATCHDOG_PID": "8"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({}, None),
    ],
)
def test_only_a_watchdog_meant_for_us_is_fed(environ: dict[str, str], watchdog_s: float | None) -> None:
    assert service_manager(environ, process=7).watchdog_s == watchdog_s


def test_a_watchdog_that_is_no_number_is_a_settings_error() -> None:
    with pytest.raises(SettingsError, match="WATCHDOG_USEC"):
        service_manager({"WATCHDOG_USEC": "soon"}, process=7)
