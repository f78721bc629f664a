"""Files of this node on their way to the control plane: piece by piece, from wherever an earlier upload broke off."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from agent.control_plane import ControlPlane
from shared.storage import storage_errors

# Small enough for a slow uplink within the deadline of one answer, and little to send again.
PIECE_BYTES = 2**19


async def upload(control_plane: ControlPlane, file: Path, sha256: str, *, sent: Callable[[int], None]) -> None:
    """Returns when all of it is there and verified; `sent` is told of the bytes that are.

    Raises StorageError, ControlPlaneError: 409 while somebody else sends the same file, or when the bytes there are no
    longer those expected; the next call goes on.
    """
    total = await asyncio.to_thread(_size, file)
    arrived = await control_plane.arrived(sha256)
    while arrived.offset < total or not arrived.is_whole:
        piece = await asyncio.to_thread(_read, file, arrived.offset)
        arrived = await control_plane.append(sha256, piece, offset=arrived.offset, total=total)
        sent(arrived.offset)
    sent(total)


def _size(file: Path) -> int:
    with storage_errors(file):
        return file.stat().st_size


def _read(file: Path, offset: int) -> bytes:
    with storage_errors(file), file.open("rb") as opened:
        opened.seek(offset)
        return opened.read(PIECE_BYTES)
