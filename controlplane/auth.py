"""Who asks. Credentials are 256 random bits and kept as their SHA-256: nothing slower would make them safer."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from http import HTTPStatus
from secrets import token_urlsafe

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from controlplane.problems import RefusedError, problem, unstored
from shared.errors import StorageError

_OPEN = frozenset({"/healthz", "/readyz"})
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Principal:
    """A node by its name; the operator has none."""

    node: str | None = None

    @property
    def is_operator(self) -> bool:
        return self.node is None

    def __str__(self) -> str:
        return "operator" if self.node is None else f"node {self.node}"


def new_secret() -> str:
    return token_urlsafe(32)


def hashed(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


class Keyring:
    """Every valid credential by its hash, so that asking who somebody is costs no query."""

    def __init__(self) -> None:
        self._principals: dict[str, Principal] = {}
        self._unused: set[str] = set()

    def add(self, credential_sha256: str, node: str | None, *, is_unused: bool = False) -> None:
        self._principals[credential_sha256] = Principal(node)
        if is_unused:
            self._unused.add(credential_sha256)

    def forget(self, node: str) -> None:
        self._principals = {key: one for key, one in self._principals.items() if one.node != node}
        self._unused &= self._principals.keys()

    def is_unused(self, credential_sha256: str) -> bool:
        return credential_sha256 in self._unused

    def used(self, credential_sha256: str) -> None:
        self._unused.discard(credential_sha256)

    def who(self, credential_sha256: str) -> Principal | None:
        # The dictionary sees hashes only, which tell nothing of the secret; the comparison is constant in time.
        for key in self._principals.keys() & {credential_sha256}:
            if compare_digest(key, credential_sha256):
                return self._principals[key]
        return None


class Gate:
    """Outermost: without a credential nothing answers but health. A new node's token is judged by its route.

    `note_first_use` is awaited before a node's credential opens anything for the first time; False: it is dead by now.
    """

    def __init__(self, app: ASGIApp, keyring: Keyring, note_first_use: Callable[[str], Awaitable[bool]]) -> None:
        self._app = app
        self._keyring = keyring
        self._note_first_use = note_first_use

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in _OPEN:
            await self._app(scope, receive, send)
            return
        secret = _bearer(Headers(scope=scope))
        credential = hashed(secret) if secret else ""
        try:
            principal = await self._who(credential)
        except StorageError as error:
            await unstored(error, scope["method"], scope["path"])(scope, receive, send)
            return
        enrols = (scope["method"], scope["path"]) == ("POST", "/v1/nodes")
        if principal is None and not (enrols and secret):
            _log.warning("no valid credential: %s %s", scope["method"], scope["path"])
            await unauthorised(scope["path"])(scope, receive, send)
            return
        scope["principal"], scope["credential_sha256"] = principal, credential
        await self._app(scope, receive, send)

    async def _who(self, credential: str) -> Principal | None:
        principal = self._keyring.who(credential)
        if self._keyring.is_unused(credential) and not await self._note_first_use(credential):
            return None
        return principal


def unauthorised(path: str) -> ASGIApp:
    return problem(
        HTTPStatus.UNAUTHORIZED,
        "send a valid credential: `Authorization: Bearer <credential>`",
        headers={"WWW-Authenticate": "Bearer"},
        instance=path,
    )


def operator_only(connection: HTTPConnection) -> Principal:
    return _permit(connection, connection.scope["principal"].is_operator)


def node_itself(connection: HTTPConnection) -> Principal:
    """The node that the path names, nobody else."""
    return _permit(connection, connection.scope["principal"].node == connection.path_params["name"])


def node_itself_or_operator(connection: HTTPConnection) -> Principal:
    principal = connection.scope["principal"]
    return _permit(connection, principal.is_operator or principal.node == connection.path_params["name"])


def any_node(connection: HTTPConnection) -> Principal:
    """Which node is for the route to judge."""
    return _permit(connection, not connection.scope["principal"].is_operator)


def anybody_known(connection: HTTPConnection) -> Principal:
    return _permit(connection, True)


def _permit(connection: HTTPConnection, granted: bool) -> Principal:
    principal: Principal = connection.scope["principal"]
    if not granted:
        _log.warning("%s may not use %s", principal, connection.url.path)
        raise RefusedError(HTTPStatus.FORBIDDEN, f"not for the credential of {principal}")
    return principal


def _bearer(headers: Headers) -> str:
    scheme, _, secret = headers.get("authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""
