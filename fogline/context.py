"""Which control plane a person means, and with which credential.

Flags come before the environment, the environment before what `fogline up` left behind.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from shared.client import AsyncClient, Client
from shared.documents import decode
from shared.errors import DocumentError, SettingsError

REMEDY = "run `fogline up`, or give --url and --credential-file, or set FOGLINE_URL and FOGLINE_CREDENTIAL"


class Current(msgspec.Struct, frozen=True, kw_only=True):
    """What `fogline up` wrote of what it started. `bootstrap_servers` is `host:port,host:port`."""

    url: str
    credential_file: str
    bootstrap_servers: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    url: str
    credential: str = field(repr=False)
    bootstrap_servers: str | None = None


def current_file(environment: Mapping[str, str]) -> Path:
    home = environment.get("XDG_STATE_HOME")
    return (Path(home) if home else Path.home() / ".local" / "state") / "fogline" / "current.json"


def read_current(environment: Mapping[str, str]) -> Current | None:
    """None when nothing was left behind; raises SettingsError when it cannot be read."""
    file = current_file(environment)
    try:
        return decode(file.read_bytes(), Current)
    except FileNotFoundError:
        return None
    except (OSError, DocumentError) as error:
        raise SettingsError(f"{file} cannot be used ({error}): remove it, or run `fogline up` again") from error


def resolve(
    *, url: str | None = None, credential_file: Path | None = None, environment: Mapping[str, str] = os.environ
) -> Context:
    """Raises SettingsError with the remedy when there is no URL or no credential for it."""
    url = url or environment.get("FOGLINE_URL")
    current = read_current(environment)
    if url is None and current is None:
        raise SettingsError(f"no control plane is known: {REMEDY}")
    credential = _given_credential(credential_file, environment)
    mine = current if current is not None and url in (None, current.url) else None
    if credential is None:
        # The credential of one control plane is never shown to another.
        if mine is None:
            raise SettingsError(f"no credential for {url}: {REMEDY}")
        credential = _read_credential(Path(mine.credential_file))
    return Context(
        url=url or (current.url if current else ""),
        credential=credential,
        bootstrap_servers=mine.bootstrap_servers if mine else None,
    )


def connect(*, url: str | None = None, credential_file: Path | None = None) -> Client:
    """A client of the control plane that the command line would talk to; raises SettingsError when there is none."""
    context = resolve(url=url, credential_file=credential_file)
    return Client(context.url, credential=context.credential)


def connect_async(*, url: str | None = None, credential_file: Path | None = None) -> AsyncClient:
    """As `connect`, for programs with an event loop."""
    context = resolve(url=url, credential_file=credential_file)
    return AsyncClient(context.url, credential=context.credential)


def _given_credential(file: Path | None, environment: Mapping[str, str]) -> str | None:
    if file is not None:
        return _read_credential(file)
    if credential := environment.get("FOGLINE_CREDENTIAL"):
        return credential.strip()
    if named := environment.get("FOGLINE_CREDENTIAL_FILE"):
        return _read_credential(Path(named))
    return None


def _read_credential(file: Path) -> str:
    try:
        credential = file.read_text(encoding="ascii").strip()
    except OSError as error:
        raise SettingsError(f"the credential file {file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{file} is not a credential file: it is not text") from error
    if not credential:
        raise SettingsError(f"the credential file {file} is empty")
    return credential
