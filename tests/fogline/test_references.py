"""Versions as people name them."""

import pytest

from fogline.references import Reference, parse
from shared.errors import SettingsError


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("digits", Reference(model="digits")),
        ("digits/3", Reference(model="digits", version=3)),
        ("digits@production", Reference(model="digits", alias="production")),
    ],
)
def test_a_name_is_read_and_said_again(text: str, reference: Reference) -> None:
    assert parse(text) == reference
    assert str(reference) == text


@pytest.mark.parametrize("text", ["@production", "digits@", "digits/", "digits/0", "digits/-1", "digits/²", "a/1@b"])
def test_what_names_no_version_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="names no version"):
        parse(text)
