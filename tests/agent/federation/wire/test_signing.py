"""What a node has signed, nobody else has, and nobody has changed."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.federation.wire.signing import Signer, is_signed
from shared.errors import StorageError


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return Signer.kept_in(tmp_path_factory.mktemp("node") / "key")


@given(content=st.binary())
def test_what_was_signed_is_seen_to_be(signer: Signer, content: bytes) -> None:
    assert is_signed(content, signer.sign(content), public=signer.public)


@given(content=st.binary(min_size=1), place=st.integers(0), bit=st.integers(0, 7))
def test_what_was_changed_is_not(signer: Signer, content: bytes, place: int, bit: int) -> None:
    changed = bytearray(content)
    changed[place % len(content)] ^= 1 << bit
    assert not is_signed(bytes(changed), signer.sign(content), public=signer.public)


def test_another_node_is_another(signer: Signer, tmp_path: Path) -> None:
    other = Signer.kept_in(tmp_path / "key")
    assert other.public != signer.public
    assert not is_signed(b"update", other.sign(b"update"), public=signer.public)


def test_a_node_keeps_its_key_and_shows_it_to_nobody(tmp_path: Path) -> None:
    one, again = Signer.kept_in(tmp_path / "key"), Signer.kept_in(tmp_path / "key")
    assert is_signed(b"update", again.sign(b"update"), public=one.public)
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


@given(signature=st.none() | st.binary(max_size=80), public=st.text(max_size=60))
def test_what_is_no_signature_or_no_key_is_none(signer: Signer, signature: bytes | None, public: str) -> None:
    assert not is_signed(b"update", signature, public=signer.public)
    assert not is_signed(b"update", signer.sign(b"update"), public=public)


def test_a_damaged_key_is_told_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"short")
    with pytest.raises(StorageError, match="key is damaged"):
        Signer.kept_in(tmp_path / "key")
