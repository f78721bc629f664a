"""What both clients share of HTTP: addresses, headers, time limits, and httpx's errors made ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypedDict

import httpx

from shared.client.answers import nothing
from shared.client.errors import ControlPlaneUnreachableError
from shared.client.flow import Answer, Call
from shared.client.paths import path
from shared.errors import ControlPlaneError, SettingsError

CONNECT_TIMEOUT_S = 5.0
# Three heartbeats of the control plane: a stream that is silent for longer is dead.
STREAM_TIMEOUT_S = 45.0
LOOPBACK = ("all://localhost", "all://127.0.0.1", "all://[::1]")


class Request(TypedDict):
    method: str
    url: str
    params: dict[str, str]
    headers: dict[str, str]
    content: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Where the control plane is, and who asks. Raises SettingsError for a URL that cannot be one."""

    url: str
    credential: str = field(repr=False)
    timeout_s: float = 30.0

    def __post_init__(self) -> None:
        try:
            url = httpx.URL(self.url)
        except httpx.InvalidURL as error:
            raise SettingsError(f"{self.url!r} is not a URL: {error}") from error
        if url.scheme not in ("http", "https") or not url.host:
            raise SettingsError(f"{self.url!r} is not the URL of a control plane: http://host:port or https://host")
        if not self.credential.isascii() or not self.credential.isprintable():
            raise SettingsError("the credential holds characters that no credential has; was the right file read?")

    @property
    def timeout(self) -> httpx.Timeout:
        return httpx.Timeout(self.timeout_s, connect=min(CONNECT_TIMEOUT_S, self.timeout_s))

    @property
    def mounts(self) -> dict[str, Any]:
        """A proxy of the environment is for the world outside, not for this machine."""
        return dict.fromkeys(LOOPBACK)

    def request(self, call: Call[Any]) -> Request:
        # Without one the control plane says who may ask; an empty one is no header that HTTP allows.
        bearer = call.bearer or self.credential
        headers = {**({"Authorization": f"Bearer {bearer}"} if bearer else {}), **call.headers}
        if call.content is not None:
            headers.setdefault("Content-Type", "application/json")
        return Request(
            method=call.method,
            url=self.url.rstrip("/") + call.path,
            params=dict(call.query),
            headers=headers,
            content=call.content,
        )

    @contextmanager
    def translated(self) -> Iterator[None]:
        try:
            yield
        except httpx.TimeoutException as error:
            raise ControlPlaneUnreachableError(f"no answer from the control plane at {self.url} in time") from error
        except httpx.ConnectError as error:
            raise ControlPlaneUnreachableError(f"cannot reach the control plane at {self.url}: {error}") from error
        except (httpx.TransportError, httpx.StreamError) as error:
            reason = str(error) or type(error).__name__
            raise ControlPlaneUnreachableError(f"the connection to {self.url} broke off: {reason}") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ControlPlaneError(f"no sense in the answer of {self.url}: {error}") from error


def answer(response: httpx.Response, body: bytes) -> Answer:
    return Answer(
        status=response.status_code,
        headers={name.lower(): value for name, value in response.headers.items()},
        body=body,
    )


def events_after(sequence: int) -> Call[None]:
    """To be read line by line, not carried out."""
    return Call(method="GET", path=path("events"), query={"after": str(sequence)}, read=nothing)
