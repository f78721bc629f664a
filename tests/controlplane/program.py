"""The real program in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Running:
    process: subprocess.Popen[str]
    url: str
    folder: Path

    @property
    def credential(self) -> str:
        return (self.folder / "operator-credential").read_text().strip()


def command(folder: Path, *flags: str) -> list[str]:
    return [sys.executable, "-m", "controlplane", "--state-dir", str(folder), "--port", "0", *flags]


@contextmanager
def program(folder: Path, *flags: str) -> Iterator[Running]:
    """Once it says that it listens; stopped by SIGTERM."""
    with subprocess.Popen(
        command(folder, *flags), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            url = json.loads(process.stdout.readline())["url"]
            yield Running(process, url, folder)
        finally:
            process.terminate()


def ended(folder: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    """For a start that must fail."""
    return subprocess.run(command(folder, *flags), capture_output=True, text=True, timeout=50, check=False)
