"""The border with jgo: what it cannot bring becomes one error that says what to do."""

import gc
from pathlib import Path

import pytest

from simulations.kafka import maven
from simulations.kafka.errors import DownloadError
from simulations.kafka.lock import LockedJar

ABSENT = LockedJar(sha256="0" * 64, group="org.example.absent", artifact="absent", version="0")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_jar_that_is_not_there_is_a_download_error(tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=r"org\.example\.absent:absent:0 could not be downloaded"):
        list(maven.fetch([ABSENT], tmp_path))
    gc.collect()  # jgo leaves the refused answer open: let the warning come here, where it is expected
