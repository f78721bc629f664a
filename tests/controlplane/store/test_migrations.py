"""What a database of an earlier version holds is there after the start of a later one."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

import controlplane.store.database as database_module
from controlplane.store import federations, nodes, placements, streams
from controlplane.store.database import Database
from controlplane.world import Placed
from shared.documents import encode
from tests.controlplane.federating import federated
from tests.controlplane.training import announcement

MIGRATIONS = Path(database_module.__file__).parent / "migrations"


def migrated(file: Path, revision: str, move: Callable[[Config, str], None] = command.upgrade) -> None:
    """A database as the program of that revision left it."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        move(config, revision)
    engine.dispose()


def test_placements_of_deployments_stay_where_they_are(tmp_path: Path) -> None:
    file = tmp_path / "db.sqlite"
    migrated(file, "0001")
    with sqlite3.connect(file) as connection:
        connection.execute("INSERT INTO node VALUES ('edge-1', '{}', '{}', '[]', 0, NULL, 0, 0, 3, 'r', 0, 0, '', -1)")
        connection.execute("INSERT INTO deployment VALUES ('net', '{}', '{}', '[]', '', 0, 0)")
        connection.execute("INSERT INTO workload VALUES ('r', '{}')")
        connection.execute("INSERT INTO placement VALUES ('net', 'edge', 'edge-1', 'r', 7.5)")
    connection.close()
    database = Database(f"sqlite:///{file}")
    there = Placed(owner="deployment/net", part="edge", node="edge-1", revision="r", since=7.5)
    assert database.run_now(placements.everyone) == [there]
    database.run_now(lambda session: nodes.remove(session, "edge-1"))
    assert database.run_now(placements.everyone) == []
    database.close()


def test_streams_of_before_are_not_known_to_be_gone(tmp_path: Path) -> None:
    file = tmp_path / "db.sqlite"
    migrated(file, "0004")
    there = encode(announcement()).decode()
    with sqlite3.connect(file) as connection:
        connection.execute("INSERT INTO stream VALUES ('s-1', 'main', 'control', 1, CAST(? AS BLOB), 5, 6)", (there,))
    connection.close()
    database = Database(f"sqlite:///{file}")
    (stream,) = database.run_now(streams.untrained)
    assert (stream.announcement, stream.seen_at, stream.expired_since) == (announcement(), 6, None)
    database.close()


def test_a_database_without_federations_can_have_some(tmp_path: Path) -> None:
    file = tmp_path / "db.sqlite"
    migrated(file, "0005")
    database = Database(f"sqlite:///{file}")
    assert database.run_now(federations.everyone) == []
    assert database.run_now(lambda session: federations.next_edition(session, "clinics")) == 1
    database.run_now(lambda session: federations.begin(session, federated()))
    assert database.run_now(federations.unfinished) == [federated()]
    database.close()
    migrated(file, "0005", command.downgrade)
    with sqlite3.connect(file) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    connection.close()
    assert not {name for name in tables if name.startswith("federation")}
