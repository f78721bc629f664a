"""Labels as they are typed: `key=value` sets one, `key-` takes one away. Pure."""

from collections.abc import Iterable, Mapping

from shared.errors import SettingsError


def parse_labels(texts: Iterable[str]) -> dict[str, str]:
    """Raises SettingsError for what is not `key=value`."""
    labels = {}
    for text in texts:
        key, separator, value = text.partition("=")
        if not (separator and key and value):
            raise SettingsError(f"{text!r} is not a label: write KEY=VALUE, as in tier=edge")
        labels[key] = value
    return labels


def changed_labels(current: Mapping[str, str], changes: Iterable[str]) -> dict[str, str]:
    """Raises SettingsError for a change that is neither form, or takes away what is not there."""
    labels = dict(current)
    for change in changes:
        if "=" in change or not change.endswith("-"):
            labels |= parse_labels([change])
        elif labels.pop(change[:-1], None) is None:
            raise SettingsError(f"there is no label {change[:-1]!r} to take away")
    return labels
