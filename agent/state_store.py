"""What an agent remembers over a restart: written down before it is acted on, one small file each."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from agent import checked_file
from agent.checked_file import DamagedFileError
from shared.documents import Assignment, NodeCredential, decode, encode
from shared.documents.types import Message
from shared.errors import DocumentError
from shared.storage import storage_errors

logger = logging.getLogger(__name__)
T = TypeVar("T")


class Highest(Message, frozen=True, kw_only=True):
    generation: int


class Proven(Message, frozen=True, kw_only=True):
    """The workloads' documents that worked last."""

    workloads: tuple[msgspec.Raw, ...] = ()


class Boots(Message, frozen=True, kw_only=True):
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """All that was remembered; None for what never was, or was damaged. `highest` 0 is none."""

    assignment: Assignment | None
    highest: int
    credential: NodeCredential | None
    boots: int
    proven: tuple[msgspec.Raw, ...] = ()


class StateStore:
    """Methods block on the disk and raise StorageError; the directory's lock is the caller's."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def restore(self) -> Memory:
        """A damaged file is set aside, as `NAME.damaged`, and does not keep the others from being read."""
        assignment = self._load("assignment.json", Assignment)
        highest = self._load("highest.json", Highest)
        boots = self._load("boots.json", Boots)
        proven = self._load("proven.json", Proven)
        generation = assignment.generation if assignment else 0
        return Memory(
            assignment=assignment,
            highest=max(generation, highest.generation if highest else 0),
            credential=self._load("credential.json", NodeCredential),
            boots=boots.count if boots else 0,
            proven=proven.workloads if proven else (),
        )

    def save_assignment(self, assignment: Assignment) -> None:
        """The assignment first: after a crash between the two, the highest generation is read from it."""
        self._save("assignment.json", assignment)
        self._save("highest.json", Highest(generation=assignment.generation))

    def save_proven(self, workloads: tuple[msgspec.Raw, ...]) -> None:
        self._save("proven.json", Proven(workloads=workloads))

    def save_credential(self, credential: NodeCredential) -> None:
        self._save("credential.json", credential)

    def save_boots(self, count: int) -> None:
        self._save("boots.json", Boots(count=count))

    def folder(self, name: str) -> Path:
        path = self.directory / name
        with storage_errors(path):
            path.mkdir(mode=0o700, exist_ok=True)
        return path

    def _save(self, name: str, document: msgspec.Struct) -> None:
        checked_file.write(self.directory / name, encode(document))

    def _load(self, name: str, kind: type[T]) -> T | None:
        path = self.directory / name
        try:
            content = checked_file.read(path)
            return None if content is None else decode(content, kind)
        except (DamagedFileError, DocumentError) as error:
            aside = path.with_name(path.name + ".damaged")
            logger.error("damaged state set aside", extra={"file": str(aside), "reason": str(error)})
            with storage_errors(path):
                path.replace(aside)
            return None
