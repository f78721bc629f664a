"""A network's files as they are typed: one file, or `TIER=FILE` for each tier of a chain."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from shared.client import files
from shared.documents import Framework, NetworkSource, SourceFile, decode, encode
from shared.errors import SettingsError


def named_files(given: Sequence[str]) -> dict[str | None, Path]:
    """By tier, in order; of a network in one file the tier is None. Raises SettingsError."""
    found: dict[str | None, Path] = {}
    for text in given:
        tier, file = _parted(text)
        if tier in found:
            raise SettingsError(
                "several files are a chain: write TIER=FILE for each"
                if tier is None
                else f"two files for tier {tier!r}: a chain has one for each"
            )
        if not file.is_file():
            raise SettingsError(f"{file}: no such file")
        found[tier] = file
    return found


def network_source(
    name: str, named: Mapping[str | None, Path], *, framework: Framework, description: str
) -> NetworkSource:
    """Raises DocumentError for what no network may be, before anything is sent; StorageError."""
    parts = tuple(
        SourceFile(sha256=files.sha256(file), size_bytes=files.size(file), tier=tier, file=file.name)
        for tier, file in named.items()
    )
    fields = {"name": name, "framework": framework, "files": parts, "description": description}
    return decode(encode(fields), NetworkSource)


def _parted(text: str) -> tuple[str | None, Path]:
    """A file whose name holds an equals sign is found by that name."""
    tier, equals, file = text.partition("=")
    if not equals or Path(text).is_file():
        return None, Path(text)
    return tier, Path(file)
