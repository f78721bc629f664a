"""Settings of the control plane: flags, else environment FOGLINE_CONTROLPLANE_*, else the default."""

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, get_type_hints

from shared.errors import SettingsError

PREFIX = "FOGLINE_CONTROLPLANE_"
_POSITIVE = (
    "max_artifact_bytes",
    "stale_after_s",
    "heartbeat_s",
    "version_retention_s",
    "upload_retention_s",
    "stream_retention_s",
    "events_kept",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting with its default and what `--help` says of it."""

    state_dir: Annotated[Path, "folder of the database and the artifacts"] = Path("controlplane-state")
    host: Annotated[str, "address to listen on"] = "127.0.0.1"
    port: Annotated[int, "port to listen on; 0 takes a free one"] = 8080
    operator_credential_file: Annotated[
        Path | None, "file of the operator's credential, made on the first start; default in the state folder"
    ] = None
    database_url: Annotated[str, "SQLAlchemy URL; default a SQLite file in the state folder"] = ""
    max_artifact_bytes: Annotated[int, "greatest artifact taken in, in bytes"] = 4 * 1024**3
    stale_after_s: Annotated[float, "silence after which a node is shown as stale, in seconds"] = 45.0
    heartbeat_s: Annotated[float, "time between two heartbeats of a stream, in seconds"] = 15.0
    version_retention_s: Annotated[
        float, "how long upper tiers keep an old version once the first tier has let go of it, in seconds"
    ] = 600.0
    upload_retention_s: Annotated[
        float, "how long artifacts stay that no model names, and uploads that nobody goes on with, in seconds"
    ] = 86_400.0
    stream_retention_s: Annotated[
        float, "how long streams stay listed that Kafka holds nothing of and no run was trained on, in seconds"
    ] = 2_592_000.0
    events_kept: Annotated[int, "events kept; older ones are removed"] = 100_000
    tls_certificate: Annotated[Path | None, "PEM file: serve HTTPS with it"] = None
    tls_key: Annotated[Path | None, "PEM file of the certificate's key"] = None
    log_level: Annotated[str, "DEBUG, INFO, WARNING or ERROR"] = "INFO"

    @property
    def url_of_database(self) -> str:
        return self.database_url or f"sqlite:///{self.state_dir.absolute() / 'controlplane.sqlite'}"

    @property
    def credential_file(self) -> Path:
        return self.operator_credential_file or self.state_dir / "operator-credential"


def load(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> Settings:
    """Raises SettingsError naming the setting; argparse itself ends the program on an unknown flag."""
    flags = vars(_parser().parse_args(arguments))
    variables = {PREFIX + name.upper(): name for name in flags}
    unknown = {variable for variable in environment if variable.startswith(PREFIX)} - variables.keys()
    if unknown:
        raise SettingsError(f"unknown setting in the environment: {', '.join(sorted(unknown))}")
    given = {name: environment.get(variable) for variable, name in variables.items()}
    given |= {name: raw for name, raw in flags.items() if raw is not None}
    return _checked(Settings(**{name: _converted(name, raw) for name, raw in given.items() if raw is not None}))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m controlplane",
        description=f"Fogline's control plane. Each flag may also be set as {PREFIX}<NAME>.",
    )
    hints = get_type_hints(Settings, include_extras=True)
    for one in fields(Settings):
        default = "" if one.default in (None, "") else f" (default {one.default})"
        about = hints[one.name].__metadata__[0]
        parser.add_argument(f"--{one.name.replace('_', '-')}", help=about + default, metavar="VALUE")
    return parser


def _converted(name: str, raw: str) -> Any:  # noqa: ANN401 - of the field's type
    hint = get_type_hints(Settings)[name]
    kind = Path if hint == Path | None else hint
    try:
        return kind(raw)
    except ValueError as error:
        raise SettingsError(f"{name.replace('_', '-')}: {raw!r} is not {kind.__name__}") from error


def _checked(settings: Settings) -> Settings:
    if not 0 <= settings.port <= 65535:
        raise SettingsError(f"port: {settings.port} is not between 0 and 65535")
    for name in _POSITIVE:
        if getattr(settings, name) <= 0:
            raise SettingsError(f"{name.replace('_', '-')}: must be greater than 0")
    if (settings.tls_certificate is None) != (settings.tls_key is None):
        raise SettingsError("tls-certificate and tls-key go together: give both or neither")
    if settings.log_level not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise SettingsError(f"log-level: {settings.log_level!r} is not DEBUG, INFO, WARNING or ERROR")
    return settings
