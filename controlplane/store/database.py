"""One engine, one thread: transactions run one after the other, so none waits for another's lock or fails by it."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session, create_engine

from shared.errors import DiskFullError, SettingsError, StorageError

T = TypeVar("T")
_MIGRATIONS = Path(__file__).parent / "migrations"
_log = logging.getLogger(__name__)


class Database:
    """Opened with its schema brought up to date. Raises StorageError when it cannot be read or written."""

    def __init__(self, url: str) -> None:
        self._engine = _engine(url)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database")
        try:
            self._migrate()
        except BaseException:
            self.close()
            raise

    async def run(self, transaction: Callable[[Session], T]) -> T:
        """Run `transaction` in its own thread; committed when it returns, rolled back when it raises."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self.run_now, transaction)

    def run_now(self, transaction: Callable[[Session], T]) -> T:
        """As `run`, in the calling thread: for the start, before there is a loop."""
        with _translated(self._engine), Session(self._engine) as session, session.begin():
            return transaction(session)

    def close(self) -> None:
        self._thread.shutdown()
        self._engine.dispose()

    def _migrate(self) -> None:
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS))
        config.set_main_option("path_separator", "os")
        with _translated(self._engine), self._engine.begin() as connection:
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError as error:
                raise StorageError(
                    f"the database is of a later version of Fogline ({error}): start that version, or restore a copy"
                ) from error


def _engine(url: str) -> Engine:
    try:
        engine = create_engine(make_url(url))
    except (ArgumentError, ImportError) as error:
        raise SettingsError(f"database URL cannot be used: {error}") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    # FULL: a generation that was told to a node must survive a power cut, or the node would see it go backwards.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@contextmanager
def _translated(engine: Engine) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        message = str(error.orig)
        kind = DiskFullError if "full" in message else StorageError
        raise kind(f"database {engine.url.database}: {message}{_remedy(message)}") from error


def _remedy(message: str) -> str:
    remedies = {
        "readonly": "make its folder and file writable",
        "unable to open": "make its folder exist and be writable",
        "full": "free space on its disk",
        "I/O error": "free space on its disk, or replace the disk",
        "malformed": "restore a copy",
        "not a database": "restore a copy, or name another file",
        "locked": "end the other process that uses it",
    }
    return next((f": {remedy}" for word, remedy in remedies.items() if word in message), "")
