"""What a workload that leaves no results is given for them."""

from collections.abc import Callable
from pathlib import Path

from shared.documents import RunResult
from shared.documents.profile import TierTimes


async def nothing_to_upload(_file: Path, _sha256: str, /, *, sent: Callable[[int], None]) -> None:
    raise AssertionError(f"nothing is to be uploaded here: {sent}")


async def nothing_to_hand_in(_run: int, _result: RunResult) -> None:
    raise AssertionError("nothing is to be handed in here")


async def nothing_to_tell(_times: TierTimes) -> None:
    raise AssertionError("nothing is to be timed here")
