"""Which code was run, where git knows it."""

import re
from pathlib import Path

from simulations.running.code import commit, digest


def test_a_clone_names_its_commit_and_nothing_else() -> None:
    assert re.fullmatch(r"[0-9a-f]{40}(-dirty)?", commit() or "0" * 40)


def test_what_is_no_clone_has_no_commit(tmp_path: Path) -> None:
    assert commit(tmp_path) is None


def test_the_digest_is_the_same_when_asked_again() -> None:
    assert digest() == digest()
    assert re.fullmatch(r"[0-9a-f]{64}", digest())
