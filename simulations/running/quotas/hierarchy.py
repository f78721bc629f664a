"""Where control groups that share out the processor may be made, from what Linux says of this process. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path, PurePosixPath

MOUNTS, OWN = Path("/proc/self/mountinfo"), Path("/proc/self/cgroup")
_ESCAPED = re.compile(r"\\([0-7]{3})")


class Version(IntEnum):
    """Of control groups: both are in use, on some machines side by side."""

    ONE = 1
    TWO = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A group in which others may be made."""

    version: Version
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mount:
    version: Version
    root: PurePosixPath
    at: Path


def places(mounts: str, own: str) -> tuple[Place, ...]:
    """This process's own groups and, nearest first, those around them; texts as in `MOUNTS` and `OWN`.

    A group within one's own obeys its limits too, so that comes first.
    """
    groups = dict(_groups(own))
    return tuple(
        Place(version=mount.version, path=path)
        for mount in _mounts(mounts)
        if mount.version in groups
        for path in _upwards(mount, groups[mount.version])
    )


def _mounts(text: str) -> Iterator[_Mount]:
    """Of the processor's controller in version 1, and of everything in version 2."""
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        fields, kind = before.split(), after.split()
        if len(fields) < 5 or not kind:
            continue
        if kind[0] == "cgroup" and "cpu" in kind[-1].split(","):
            version = Version.ONE
        elif kind[0] == "cgroup2":
            version = Version.TWO
        else:
            continue
        yield _Mount(version=version, root=PurePosixPath(_plain(fields[3])), at=Path(_plain(fields[4])))


def _groups(text: str) -> Iterator[tuple[Version, PurePosixPath]]:
    for line in text.splitlines():
        number, controllers, path = line.split(":", 2)
        if number == "0" and not controllers:
            yield Version.TWO, PurePosixPath(path)
        elif "cpu" in controllers.split(","):
            yield Version.ONE, PurePosixPath(path)


def _upwards(mount: _Mount, group: PurePosixPath) -> Iterator[Path]:
    """A container may see its group by a path that does not lie in what is mounted: then only the mount is known."""
    is_inside = group.is_relative_to(mount.root) and ".." not in group.parts
    inside = group.relative_to(mount.root) if is_inside else PurePosixPath()
    yield mount.at / inside
    yield from (mount.at / parent for parent in inside.parents)


def _plain(field: str) -> str:
    """Blanks in paths are written in octal."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 8)), field)
