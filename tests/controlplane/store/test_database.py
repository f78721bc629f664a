"""The schema: made by migrations alone, the one the tables describe, and never that of a later program."""

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlmodel import Session, SQLModel, create_engine

from controlplane.store.database import Database
from shared.errors import DiskFullError, StorageError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "db.sqlite"
    Database(f"sqlite:///{file}").close()
    return file


def test_migrations_make_the_schema_that_the_tables_describe(file: Path) -> None:
    engine = create_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []
    engine.dispose()


def test_opening_again_keeps_what_is_there(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("INSERT INTO cluster VALUES ('main', '{}')")
    connection.close()
    database = Database(f"sqlite:///{file}")
    assert (
        database.run_now(lambda session: session.connection().execute(text("SELECT name FROM cluster")).scalar())
        == "main"
    )
    database.close()


def test_a_database_of_a_later_version_is_refused(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(StorageError, match="later version of Fogline"):
        Database(f"sqlite:///{file}")


def test_what_was_answered_survives_a_power_cut(file: Path) -> None:
    database = Database(f"sqlite:///{file}")
    pragmas = database.run_now(
        lambda session: {name: pragma(session, name) for name in ("journal_mode", "synchronous", "foreign_keys")}
    )
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    database.close()


def pragma(session: Session, name: str) -> object:
    return session.connection().execute(text(f"PRAGMA {name}")).scalar()


def test_a_transaction_that_fails_leaves_nothing(file: Path) -> None:
    database = Database(f"sqlite:///{file}")

    def half(session: Session) -> None:
        session.connection().execute(text("INSERT INTO cluster VALUES ('main', '{}')"))
        raise LookupError

    with pytest.raises(LookupError):
        database.run_now(half)
    assert (
        database.run_now(lambda session: session.connection().execute(text("SELECT count(*) FROM cluster")).scalar())
        == 0
    )
    database.close()


def test_a_read_only_file_is_a_storage_error_with_a_remedy(file: Path) -> None:
    database = Database(f"sqlite:///file:{file}?mode=ro&uri=true")
    with pytest.raises(StorageError, match="make its folder and file writable"):
        database.run_now(lambda session: session.connection().execute(text("INSERT INTO cluster VALUES ('m', '{}')")))
    database.close()


def test_a_full_database_is_a_storage_error_with_a_remedy(file: Path) -> None:
    database = Database(f"sqlite:///{file}")

    def fill(session: Session) -> None:
        connection = session.connection()
        pages = connection.execute(text("PRAGMA page_count")).scalar()
        connection.execute(text(f"PRAGMA max_page_count = {pages}"))
        connection.execute(text("INSERT INTO cluster VALUES ('main', zeroblob(1000000))"))

    with pytest.raises(DiskFullError, match="free space on its disk"):
        database.run_now(fill)
    database.close()
