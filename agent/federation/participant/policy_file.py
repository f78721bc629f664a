"""A site's policy as it stands in its file at this moment."""

import tomllib
from pathlib import Path
from typing import Any

import msgspec

from agent.federation.participant.policy import Policy
from shared.errors import SettingsError

NO_POLICY = "this site takes part in nothing: name a policy file as federation_policy in the agent's settings"


def read(path: Path | None) -> Policy:
    """JSON where the file's name says so, else TOML. Raises SettingsError, also where there is no file."""
    if path is None:
        raise SettingsError(NO_POLICY)
    try:
        content = path.read_bytes()
        values: Any = msgspec.json.decode(content) if path.suffix == ".json" else tomllib.loads(content.decode())
        return msgspec.convert(values, Policy)
    except OSError as error:
        raise SettingsError(f"federation_policy {path}: {error.strerror or error}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.MsgspecError) as error:
        raise SettingsError(f"federation_policy {path}: {error}") from error
