"""What can go wrong between asking for a broker and having one. Each message says what to do."""

from pathlib import Path

from shared.errors import ArtifactError, ClusterError, SettingsError, StorageError, UnavailableError


class JavaMissingError(UnavailableError):
    """No Java runtime of version 17 or newer was found."""


class DownloadError(UnavailableError):
    """Kafka's jars are not in the cache and could not be fetched."""

    retriable = True


class DigestError(ArtifactError):
    """A jar is not the one that the lock names; it is never put on a class path."""


class PortTakenError(SettingsError):
    """Another program listens where a broker was told to listen."""

    def __init__(self, port: int) -> None:
        super().__init__(
            f"port {port} is taken: stop the program that listens there (`ss -ltnp` names it), "
            "or choose other ports with --port, or none to have free ones chosen"
        )
        self.port = port


class DataDirectoryError(StorageError):
    """The data directory cannot be used, or holds a cluster of another size."""


class BrokerFailedError(ClusterError):
    """A broker ended, or was not ready in time. The message ends with the last lines of its log."""

    def __init__(self, reason: str, *, log: Path, last_lines: str) -> None:
        super().__init__(f"{reason}; its log is {log} and ends with:\n{last_lines}")
        self.log = log
        self.last_lines = last_lines
