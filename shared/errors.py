"""Every error Fogline raises on purpose.

    FoglineError
    ├── SettingsError       a setting, flag or file of this program is wrong
    ├── DocumentError       a document breaks its schema; names the field
    ├── ArtifactError       bytes are not what their digest or their format says
    ├── ModelError          a backend cannot load or run a sub-model
    ├── RecordError         a record cannot be decoded or inferred: dead-letter topic
    ├── ClusterError        Kafka cannot be reached, or refuses
    ├── StorageError        a disk is read-only or damaged
    │   ├── DiskFullError   a disk is full
    │   └── BusyError       somebody else is writing the same file
    ├── ControlPlaneError   the control plane cannot be reached, or answers with a problem
    └── UnavailableError    a program or library needed for this is not installed

Foreign errors are translated into these once, where the foreign library is called, with `from`.
`retriable` says whether the same call may succeed later without anybody changing anything.
`exit_code` is what a command ends with when this error reaches its top.
"""

from typing import ClassVar


class FoglineError(Exception):
    """One clear line: what is wrong and what to do about it."""

    retriable: ClassVar[bool] = False
    exit_code: ClassVar[int] = 1


class SettingsError(FoglineError):
    exit_code = 2


class DocumentError(FoglineError):
    """`field` is the path of the offending part, as in `tiers[0].exit.threshold`; empty for the whole document."""

    exit_code = 3

    def __init__(self, reason: str, *, field: str = "") -> None:
        super().__init__(f"{field}: {reason}" if field else reason)
        self.reason = reason
        self.field = field


class ArtifactError(FoglineError):
    exit_code = 4


class ModelError(FoglineError):
    exit_code = 5


class RecordError(FoglineError):
    exit_code = 6


class ClusterError(FoglineError):
    retriable = True
    exit_code = 7


class StorageError(FoglineError):
    exit_code = 8


class DiskFullError(StorageError):
    pass


class BusyError(StorageError):
    retriable = True


class ControlPlaneError(FoglineError):
    """`status` is the HTTP status, 0 when nothing answered; `field` as in the problem document."""

    exit_code = 9

    def __init__(self, reason: str, *, status: int = 0, field: str = "") -> None:
        super().__init__(reason)
        self.status = status
        self.field = field


class UnavailableError(FoglineError):
    exit_code = 10
