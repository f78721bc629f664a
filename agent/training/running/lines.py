"""Lines of a stream, in bounded memory whatever is written to it."""

import asyncio
from collections.abc import AsyncIterator

MOST_BYTES = 2**16


async def lines(stream: asyncio.StreamReader, *, most_bytes: int = MOST_BYTES) -> AsyncIterator[bytes]:
    """Without their ends, and without empty ones; a longer line is cut, the rest of it passed over."""
    line, is_cut = bytearray(), False
    while chunk := await stream.read(most_bytes):
        *ended, rest = chunk.split(b"\n")
        for part in ended:
            line += b"" if is_cut else part
            if line:
                yield bytes(line[:most_bytes])
            line, is_cut = bytearray(), False
        line += b"" if is_cut else rest
        is_cut = is_cut or len(line) > most_bytes
    if line:
        yield bytes(line[:most_bytes])
