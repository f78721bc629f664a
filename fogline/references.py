"""Versions as people name them: `digits`, `digits/3`, `digits@production`."""

from dataclasses import dataclass

from shared.client import Client
from shared.documents import ModelVersion
from shared.errors import SettingsError


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Neither `version` nor `alias`: the latest version."""

    model: str
    version: int | None = None
    alias: str | None = None

    def __str__(self) -> str:
        if self.alias is not None:
            return f"{self.model}@{self.alias}"
        return self.model if self.version is None else f"{self.model}/{self.version}"


def parse(text: str) -> Reference:
    """Raises SettingsError for what names no version."""
    model, at, alias = text.partition("@")
    if at:
        if not model or not alias or "/" in text:
            raise _unreadable(text)
        return Reference(model=model, alias=alias)
    model, slash, number = text.partition("/")
    if not slash:
        return Reference(model=model)
    if not model or not (number.isascii() and number.isdigit()) or int(number) < 1:
        raise _unreadable(text)
    return Reference(model=model, version=int(number))


def find(client: Client, reference: Reference) -> ModelVersion:
    """Raises SettingsError for an alias that no version has, ControlPlaneError for a version that is not there."""
    if reference.alias is None:
        return client.models.get(reference.model, reference.version)
    versions = client.models.versions(reference.model)
    found = next((one for one in versions if reference.alias in one.aliases), None)
    if found is None:
        known = ", ".join(sorted(alias for one in versions for alias in one.aliases)) or "none"
        raise SettingsError(f"no version of {reference.model} has the alias {reference.alias!r}; its aliases: {known}")
    return found


def _unreadable(text: str) -> SettingsError:
    return SettingsError(f"{text!r} names no version: MODEL, MODEL/NUMBER or MODEL@ALIAS")
