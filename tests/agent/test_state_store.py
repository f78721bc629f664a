import os
from pathlib import Path

import pytest

from agent.state_lock import state_lock
from agent.state_store import StateStore
from shared.documents import NodeCredential
from shared.errors import StorageError
from tests.agent.documents import assignment, workload

CREDENTIAL = NodeCredential(name="node-1", credential="secret")


def test_everything_is_remembered(tmp_path: Path) -> None:
    store, given = StateStore(tmp_path), assignment(4, workload())
    store.save_assignment(given)
    store.save_credential(CREDENTIAL)
    store.save_boots(2)
    store.save_proven(given.workloads)
    memory = StateStore(tmp_path).restore()
    assert memory.proven == given.workloads
    assert (memory.assignment, memory.highest, memory.credential, memory.boots) == (given, 4, CREDENTIAL, 2)


def test_a_new_directory_remembers_nothing(tmp_path: Path) -> None:
    memory = StateStore(tmp_path).restore()
    assert (memory.assignment, memory.highest, memory.credential, memory.boots) == (None, 0, None, 0)


def test_a_damaged_file_is_set_aside_and_the_others_are_read(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = StateStore(tmp_path)
    store.save_assignment(assignment(4, workload()))
    store.save_credential(CREDENTIAL)
    (tmp_path / "assignment.json").write_text("half a")
    memory = store.restore()
    assert memory.assignment is None
    assert memory.highest == 4
    assert memory.credential == CREDENTIAL
    assert (tmp_path / "assignment.json.damaged").read_text() == "half a"
    assert [record.message for record in caplog.records] == ["damaged state set aside"]


def test_the_highest_generation_is_known_though_the_crash_came_before_it_was_written(tmp_path: Path) -> None:
    store = StateStore(tmp_path)
    store.save_assignment(assignment(4, workload()))
    (tmp_path / "highest.json").unlink()
    assert store.restore().highest == 4


def test_secrets_are_for_the_owner_only(tmp_path: Path) -> None:
    StateStore(tmp_path).save_credential(CREDENTIAL)
    assert (tmp_path / "credential.json").stat().st_mode & 0o077 == 0


def test_a_held_directory_is_refused_and_free_again_afterwards(tmp_path: Path) -> None:
    refused = pytest.raises(StorageError, match=rf"in use by another agent \(process {os.getpid()}\)")
    with state_lock(tmp_path), refused, state_lock(tmp_path):
        pass
    with state_lock(tmp_path):
        pass


def test_a_state_directory_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="Not a directory"), state_lock(tmp_path / "file" / "state"):
        pass
