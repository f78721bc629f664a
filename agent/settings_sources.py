"""Where settings come from: flags win over the environment, that over the settings file, that over the defaults."""

import re
import socket
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from agent.settings import Settings
from shared.errors import SettingsError

ENVIRONMENT_PREFIX = "FOGLINE_AGENT_"
_NOT_FROM_ENVIRONMENT = frozenset({"clusters"})
_FIELD = re.compile(r"^(?P<reason>.*?)(?: - at `(?:key` in `)?\$\.?(?P<path>[^`]*)`)?$", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One place settings come from; `label` says how a setting is called there."""

    label: str
    values: Mapping[str, Any]

    def name_of(self, setting: str) -> str:
        flag = "label" if setting == "labels" else setting.replace("_", "-")
        return self.label.format(setting=setting, flag=flag, variable=setting.upper())


def load(flags: Mapping[str, Any], environ: Mapping[str, str]) -> Settings:
    """Merge the sources, read the files that hold secrets; raises SettingsError naming the setting and its source.

    `settings`, the file, and `token_file` may stand among `flags`, which hold only what was given.
    """
    file = flags.get("settings") or environ.get(f"{ENVIRONMENT_PREFIX}SETTINGS")
    given = Source(label="--{flag}", values={name: value for name, value in flags.items() if name != "settings"})
    sources = (given, _environment(environ), *([_file(Path(file))] if file else []), _defaults(environ))
    return _convert(sources)


def parse_labels(pairs: Sequence[str]) -> dict[str, str]:
    """`["tier=edge", "site=a"]` as a mapping; raises SettingsError."""
    for pair in pairs:
        if "=" not in pair:
            raise SettingsError(f"label {pair!r} is not of the form name=value")
    return dict(pair.split("=", 1) for pair in pairs)


def default_name(host: str) -> str:
    """A host name as a node's name: lower case, everything else a hyphen."""
    return re.sub(r"[^a-z0-9]+", "-", host.lower())[:63].strip("-") or "node"


def _environment(environ: Mapping[str, str]) -> Source:
    names = {*Settings.__struct_fields__, "token_file"} - _NOT_FROM_ENVIRONMENT
    found = {name: environ.get(f"{ENVIRONMENT_PREFIX}{name.upper()}") for name in names}
    values: dict[str, Any] = {name: value for name, value in found.items() if value}
    if "labels" in values:
        values["labels"] = parse_labels(values["labels"].split(","))
    return Source(label=ENVIRONMENT_PREFIX + "{variable}", values=values)


def _defaults(environ: Mapping[str, str]) -> Source:
    home = Path(environ.get("HOME") or "/")
    own = Path(environ.get("XDG_STATE_HOME") or home / ".local/state") / "fogline-agent"
    # systemd sets STATE_DIRECTORY for a unit that declares one.
    state = environ.get("STATE_DIRECTORY") or str(own)
    return Source(label="--{flag}", values={"name": default_name(socket.gethostname()), "state_dir": state})


def _file(path: Path) -> Source:
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"settings file {path}: {error}") from error
    values["clusters"] = _with_files(values.get("clusters", {}), path.parent, "clusters")
    for name in ("token_file", "ca_file", "state_dir", "federation_policy"):
        if isinstance(values.get(name), str):
            values[name] = str(path.parent / values[name])
    return Source(label=f"`{{setting}}` in {path}", values=values)


def _with_files(table: Any, folder: Path, at: str) -> Any:  # noqa: ANN401 - any TOML value
    """Replace each `NAME_file = PATH` by `NAME = its text`, so that no secret need stand in the settings file."""
    if not isinstance(table, Mapping):
        return table
    read: dict[str, Any] = {}
    for name, value in table.items():
        if name.endswith("_file") and isinstance(value, str):
            read[name.removesuffix("_file")] = _text(folder / value, f"{at}.{name}")
        else:
            read[name] = _with_files(value, folder, f"{at}.{name}")
    return read


def _text(path: Path, setting: str) -> str:
    try:
        return path.read_text("utf-8").removesuffix("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{setting}: cannot read {path}: {error}") from error


def _convert(sources: Sequence[Source]) -> Settings:
    merged: dict[str, Any] = {}
    for source in reversed(sources):
        labels = merged.get("labels", {})
        merged |= source.values
        if isinstance(merged.get("labels"), Mapping):
            merged["labels"] = {**labels, **merged["labels"]}
    merged["token"] = _token(sources)
    merged.pop("token_file", None)
    try:
        return msgspec.convert(merged, Settings, strict=False, dec_hook=lambda kind, value: kind(value))
    except msgspec.ValidationError as error:
        raise _settings_error(str(error), sources) from error


def _token(sources: Sequence[Source]) -> str:
    """From the first source that has one, whichever way it gives it."""
    for source in sources:
        if "token_file" in source.values:
            return _text(Path(source.values["token_file"]), source.name_of("token_file")).strip()
        if "token" in source.values:
            return str(source.values["token"])
    return ""


def _settings_error(message: str, sources: Sequence[Source]) -> SettingsError:
    match = _FIELD.match(message)
    reason, path = (match["reason"], match["path"] or "") if match else (message, "")
    top = re.split(r"[.\[]", path)[0] if path else next(iter(re.findall(r"`(\w+)`", reason)), "")
    named = next((source.name_of(top) for source in sources if top in source.values), "")
    where = named or f"--{top.replace('_', '-')}"
    return SettingsError(f"{where}{path.removeprefix(top)}: {reason}" if top else reason)
