"""What was sent today is known after a restart, and of all participants together."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from agent.federation.participant import day_book
from shared.errors import StorageError

TODAY = date(2026, 11, 22)


def test_bytes_are_counted_by_the_day_and_over_all_participants(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
        day_book.book(folder, TODAY, 100)
    day_book.book(one, TODAY, 5)
    assert day_book.sent(tmp_path, TODAY) == 205
    assert day_book.sent(tmp_path, TODAY + timedelta(days=1)) == 0
    day_book.book(one, TODAY + timedelta(days=1), 7)
    assert day_book.sent(tmp_path, TODAY + timedelta(days=1)) == 7


def test_a_site_that_does_not_know_what_it_has_sent_sends_nothing(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    day_book.book(tmp_path / "one", TODAY, 100)
    (tmp_path / "one" / "bytes-sent").write_bytes(b"0")
    with pytest.raises(StorageError, match="damaged"):
        day_book.sent(tmp_path, TODAY)
