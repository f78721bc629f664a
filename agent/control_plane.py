"""The control plane as an agent sees it: enrol, watch, report, fetch and send artifacts. All of it outbound."""

import ssl
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import h11

from agent.http_connection import HttpConnection, Origin, connect, origin
from shared.documents import (
    Assignment,
    Enrolment,
    NodeCredential,
    NodeReport,
    Problem,
    ReportAcknowledged,
    RunResult,
    decode,
    encode,
)
from shared.documents.federation_workloads import FederationReport
from shared.documents.profile import TierTimes
from shared.documents.stream import StreamsReport
from shared.errors import ControlPlaneError, DocumentError, SettingsError

T = TypeVar("T")
ANSWER_DEADLINE_S = 30.0
# The last piece of a large artifact is answered once all of it has been read and verified.
UPLOAD_DEADLINE_S = 120.0
_ANSWER_BYTES = 16 * 1024 * 1024
_PASSING = frozenset({0, 408, 425, 429})


def is_passing(error: ControlPlaneError) -> bool:
    """Whether waiting helps: nobody answered, or somebody said "later". Anything else needs a person."""
    return error.status in _PASSING or error.status >= 500


def trust(url: str, ca_file: Path | None) -> ssl.SSLContext | None:
    """How to check the control plane's certificate; None for plain HTTP. Raises SettingsError."""
    if urlsplit(url).scheme != "https":
        return None
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise SettingsError(f"ca_file {ca_file}: {error}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """`offset`: how many bytes of an artifact are there, and where the next one goes."""

    offset: int
    is_whole: bool


class ControlPlane:
    """Raises ControlPlaneError from every method. `credential` is set once this node has one."""

    def __init__(self, url: str, *, tls: ssl.SSLContext | None, credential: str = "") -> None:
        self.credential = credential
        self._origin: Origin = origin(url, tls)
        self._kept: HttpConnection | None = None
        self._keeping = AsyncExitStack()

    async def enrol(self, token: str, enrolment: Enrolment) -> NodeCredential:
        return await self._exchange("/v1/nodes", encode(enrolment), token, NodeCredential)

    async def report(self, report: NodeReport) -> ReportAcknowledged:
        return await self._exchange(
            f"/v1/nodes/{report.node}/reports", encode(report), self.credential, ReportAcknowledged
        )

    async def streams(self, node: str, report: StreamsReport) -> None:
        """Returns once it is acknowledged."""
        await self._told(f"/v1/nodes/{node}/streams", encode(report))

    async def profiled(self, node: str, times: TierTimes) -> None:
        """Returns once they are stored. 409 when this node no longer times that tier."""
        await self._told(f"/v1/nodes/{node}/profiles", encode(times))

    async def federated(self, node: str, report: FederationReport) -> None:
        """Returns once it is stored. 409 when this node no longer coordinates that federation."""
        await self._told(f"/v1/nodes/{node}/federations", encode(report), deadline_s=UPLOAD_DEADLINE_S)

    async def arrived(self, sha256: str) -> Arrived:
        """How much of an artifact is there."""
        async with connect(self._origin) as connection:
            response = await connection.request(
                "HEAD", f"/v1/artifacts/{sha256}", headers=_authorization(self.credential), deadline_s=ANSWER_DEADLINE_S
            )
            await _refuse_errors(connection, response)
            return _arrived(response)

    async def append(self, sha256: str, piece: bytes, *, offset: int, total: int) -> Arrived:
        """The next piece of an artifact of `total` bytes; with the last one the whole is verified."""
        headers = {
            **_authorization(self.credential),
            "Content-Type": "application/octet-stream",
            "Upload-Offset": str(offset),
            "Upload-Length": str(total),
        }
        async with connect(self._origin) as connection:
            response = await connection.request(
                "PATCH", f"/v1/artifacts/{sha256}", headers=headers, body=piece, deadline_s=UPLOAD_DEADLINE_S
            )
            await _refuse_errors(connection, response)
            return _arrived(response)

    async def result(self, run: int, result: RunResult) -> None:
        """What an attempt made of its run; returns once it is stored. 409 when this node no longer has that attempt."""
        await self._told(f"/v1/runs/{run}/results", encode(result), deadline_s=UPLOAD_DEADLINE_S)

    async def watch(
        self, node: str, generation: int, *, silence_deadline_s: float
    ) -> AsyncGenerator[Assignment | None]:
        """Each new assignment as it is made, and None for every heartbeat; ends or raises when the stream does.

        The first item, None, says that the control plane has answered.
        """
        path = f"/v1/nodes/{node}/assignment/watch?generation={generation}"
        async with connect(self._origin) as connection:
            response = await connection.request(
                "GET", path, headers=_authorization(self.credential), deadline_s=ANSWER_DEADLINE_S
            )
            await _refuse_errors(connection, response)
            yield None
            async for line in _lines(connection, silence_deadline_s):
                yield _decode(line, Assignment) if line else None

    async def artifact(self, sha256: str, *, offset: int) -> AsyncGenerator[bytes]:
        """The artifact's bytes from `offset` on; the caller checks the digest of the whole."""
        headers = {**_authorization(self.credential), **({"Range": f"bytes={offset}-"} if offset else {})}
        async with connect(self._origin) as connection:
            response = await connection.request(
                "GET", f"/v1/artifacts/{sha256}", headers=headers, deadline_s=ANSWER_DEADLINE_S
            )
            await _refuse_errors(connection, response)
            skip = 0 if response.status_code == 206 else offset
            async for chunk in connection.body(silence_deadline_s=ANSWER_DEADLINE_S):
                if chunk[skip:]:
                    yield chunk[skip:]
                skip = max(0, skip - len(chunk))

    async def close(self) -> None:
        self._kept = None
        await self._keeping.aclose()

    async def _told(self, path: str, body: bytes, *, deadline_s: float = ANSWER_DEADLINE_S) -> None:
        """On a connection of its own: the one that is kept is in use."""
        headers = {**_authorization(self.credential), "Content-Type": "application/json"}
        async with connect(self._origin) as connection:
            response = await connection.request("POST", path, headers=headers, body=body, deadline_s=deadline_s)
            await _refuse_errors(connection, response)

    async def _exchange(self, path: str, body: bytes, bearer: str, kind: type[T]) -> T:
        connection = await self._connection()
        headers = {**_authorization(bearer), "Content-Type": "application/json"}
        try:
            response = await connection.request("POST", path, headers=headers, body=body, deadline_s=ANSWER_DEADLINE_S)
            await _refuse_errors(connection, response)
            return _decode(await _whole(connection), kind)
        except BaseException:
            # Whatever broke off in the middle would be read as the start of the next answer.
            await self.close()
            raise

    async def _connection(self) -> HttpConnection:
        """The one kept open between reports: a TLS handshake each time would be most of a report's cost."""
        if self._kept is None or not self._kept.is_reusable:
            await self.close()
            self._kept = await self._keeping.enter_async_context(connect(self._origin))
        return self._kept


def _authorization(bearer: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {bearer}"} if bearer else {}


def _arrived(response: h11.Response) -> Arrived:
    headers = {name: value.decode("latin-1") for name, value in response.headers}
    try:
        offset = int(headers[b"upload-offset"])
    except (KeyError, ValueError) as error:
        raise ControlPlaneError("the control plane's answer makes no sense: it names no Upload-Offset") from error
    return Arrived(offset=offset, is_whole=headers.get(b"upload-complete") == "?1")


def _decode(raw: bytes, kind: type[T]) -> T:
    try:
        return decode(raw, kind)
    except DocumentError as error:
        raise ControlPlaneError(f"the control plane's answer makes no sense: {error}") from error


async def _refuse_errors(connection: HttpConnection, response: h11.Response) -> None:
    if response.status_code < 300:
        return
    try:
        problem = decode(await _whole(connection), Problem)
    except DocumentError:
        # A proxy in between answers in words of its own.
        raise ControlPlaneError(f"HTTP status {response.status_code}", status=response.status_code) from None
    raise ControlPlaneError(problem.detail or problem.title, status=response.status_code, field=problem.field)


async def _whole(connection: HttpConnection) -> bytes:
    content = bytearray()
    async for chunk in connection.body(silence_deadline_s=ANSWER_DEADLINE_S):
        content += chunk
        _refuse_endless(content)
    return bytes(content)


async def _lines(connection: HttpConnection, silence_deadline_s: float) -> AsyncGenerator[bytes]:
    buffer = bytearray()
    async for chunk in connection.body(silence_deadline_s=silence_deadline_s):
        buffer += chunk
        *lines, rest = buffer.split(b"\n")
        buffer = rest
        _refuse_endless(buffer)
        for line in lines:
            yield bytes(line).strip()


def _refuse_endless(content: bytearray) -> None:
    if len(content) > _ANSWER_BYTES:
        raise ControlPlaneError(f"the control plane's answer is longer than {_ANSWER_BYTES} bytes")
