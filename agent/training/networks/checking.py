"""A network that nobody here has seen before is looked at in a process that can do no harm, and takes no for ever."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from agent.training.running.confined import Confined, Ending
from agent.training.running.limits import Limits
from shared.documents import Description, Framework, decode
from shared.errors import DocumentError, ModelError, UnavailableError

# A thousand layers are a fifth of a megabyte.
_MOST_BYTES = 16 * 2**20
_UNAVAILABLE = UnavailableError.exit_code


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """`processes`: and threads, of which TensorFlow starts a few for each core."""

    seconds: float = 60.0
    memory_bytes: int = 4 * 2**30
    processes: int = 256


async def description_of(
    files: Mapping[str | None, Path], framework: Framework = Framework.KERAS, *, allowed: Allowed
) -> Description:
    """`files`: of the whole network under None, or one for each tier of a chain, the sensor's first.

    Raises ModelError in one line, with the place in the user's file where there is one; UnavailableError, StorageError.
    """
    named = [f"{file.resolve()}" if tier is None else f"{tier}={file.resolve()}" for tier, file in files.items()]
    said = bytearray()

    def heard(line: bytes) -> None:
        if len(said) < _MOST_BYTES:
            said.extend(line + b"\n")

    limits = Limits(
        memory_bytes=allowed.memory_bytes,
        processes=allowed.processes,
        grace_s=1.0,
        reads=tuple(str(file.resolve()) for file in files.values()),
    )
    arguments = ("--framework", framework.value, *named)
    ending = await _run(arguments, limits, seconds=allowed.seconds, heard=heard, files=_all(files))
    _refuse(ending, files)
    try:
        return decode(bytes(said), Description)
    except DocumentError as error:
        raise ModelError(f"{_all(files)}: ended its process before it could be looked at") from error


async def _run(
    arguments: tuple[str, ...], limits: Limits, *, seconds: float, heard: Callable[[bytes], None], files: str
) -> Ending:
    with TemporaryDirectory(prefix="fogline-check-") as folder:
        program = ("-m", "agent.training.networks", *arguments)
        process = Confined(arguments=program, folder=Path(folder), limits=limits)
        try:
            async with asyncio.timeout(seconds):
                return await process.run(said=heard, noticed=lambda _: None)
        except TimeoutError as error:
            raise ModelError(
                f"{files}: still busy after {seconds:g} s: let the file only define what the network is, "
                "or allow more time"
            ) from error


def _refuse(ending: Ending, files: Mapping[str | None, Path]) -> None:
    if ending.exceeded:
        raise ModelError(f"{_all(files)}: {ending.exceeded}: ask for less while the network is made, or allow more")
    if ending.signal:
        raise ModelError(f"{_all(files)}: ended by {ending.signal} while the network was made")
    if ending.status:
        why = ending.errors[-1] if ending.errors else f"{_all(files)}: ended with code {ending.status}"
        for file in files.values():
            why = why.replace(str(file.resolve()), str(file))
        raise UnavailableError(why) if ending.status == _UNAVAILABLE else ModelError(why)


def _all(files: Mapping[str | None, Path]) -> str:
    return ", ".join(map(str, files.values()))
