"""Files by their SHA-256: sent and fetched in pieces, so a broken connection costs one piece and memory is bounded."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from shared.client import files
from shared.client.answers import document, refuse_problems
from shared.client.flow import Answer, Call, Flow, Pause, Steps, Work
from shared.client.operation import Group, M, operation
from shared.client.paths import path
from shared.documents import ArtifactView
from shared.errors import ControlPlaneError

PIECE_BYTES = 1 << 22
ATTEMPTS = 8
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 5.0

Progress = Callable[[str, int, int], None]
"""Called with a file's name, the bytes that have arrived, and all of them."""


def silent(name: str, arrived: int, total: int) -> None:
    """The progress nobody watches."""


class Artifacts(Group[M]):
    @operation
    def state(self, sha256: str) -> Flow[ArtifactView]:
        """How much of it the control plane has; an artifact nobody has begun to send has 0 bytes."""
        return state_of(sha256)

    @operation
    def upload(self, file: Path, *, progress: Progress = silent, piece_bytes: int = PIECE_BYTES) -> Flow[ArtifactView]:
        """Send what is not there yet; goes on after broken connections, and after an earlier upload that broke off.

        Raises StorageError for a file that cannot be read, ControlPlaneError when the control plane refuses it.
        """
        return upload(file, progress=progress, piece_bytes=piece_bytes)

    @operation
    def download(
        self, sha256: str, to: Path, *, progress: Progress = silent, piece_bytes: int = PIECE_BYTES
    ) -> Flow[Path]:
        """Fetch it to `to`, which appears only when whole and verified; raises ArtifactError when it is not itself."""
        return _download(sha256, to, progress=progress, piece_bytes=piece_bytes)


def state_of(sha256: str) -> Call[ArtifactView]:
    return Call(method="HEAD", path=path("artifacts", sha256), read=partial(_state, sha256))


def upload(
    file: Path, *, progress: Progress, name: str = "", sha256: str | None = None, piece_bytes: int = PIECE_BYTES
) -> Steps[ArtifactView]:
    """`sha256` spares reading the file once more when it has just been verified."""
    name = name or file.name
    total = yield from Work(partial(files.size, file))
    sha256 = sha256 or (yield from Work(partial(files.sha256, file)))
    failures = 0
    while True:
        try:
            state = yield from state_of(sha256)
            while not state.complete:
                piece = yield from Work(partial(files.read, file, state.received_bytes, piece_bytes))
                state = yield from _append(state, piece, total)
                progress(name, state.received_bytes, total)
                failures = 0
            progress(name, total, total)
            return state
        except ControlPlaneError as error:
            failures += 1
            if failures == ATTEMPTS or not _may_go_on(error):
                raise
        yield from pause(failures)


def pause(failures: int) -> Pause:
    return Pause(min(FIRST_PAUSE_S * 2 ** (failures - 1), LONGEST_PAUSE_S))


def _may_go_on(error: ControlPlaneError) -> bool:
    """409: what has arrived is not what was thought, because a piece broke off or somebody else sends the same."""
    return error.retriable or error.status == 409


def _append(state: ArtifactView, piece: bytes, total: int) -> Call[ArtifactView]:
    def read(answer: Answer) -> ArtifactView:
        after = document(ArtifactView)(answer)
        if not after.complete and after.received_bytes <= state.received_bytes:
            raise ControlPlaneError(f"took a piece of {state.sha256} and kept nothing of it", status=answer.status)
        return after

    return Call(
        method="PATCH",
        path=path("artifacts", state.sha256),
        headers={
            "Content-Type": "application/octet-stream",
            "Upload-Offset": str(state.received_bytes),
            "Upload-Length": str(total),
        },
        content=piece,
        read=read,
    )


def _state(sha256: str, answer: Answer) -> ArtifactView:
    if answer.status == 404:
        return ArtifactView(sha256=sha256, received_bytes=0, complete=False)
    refuse_problems(answer)
    offset = answer.headers.get("upload-offset", "")
    if not (offset.isascii() and offset.isdigit()):
        raise ControlPlaneError(f"the answer says no Upload-Offset for artifact {sha256}", status=answer.status)
    return ArtifactView(
        sha256=sha256, received_bytes=int(offset), complete=answer.headers.get("upload-complete") == "?1"
    )


def _download(sha256: str, to: Path, *, progress: Progress, piece_bytes: int) -> Steps[Path]:
    state = yield from state_of(sha256)
    if not state.complete:
        raise ControlPlaneError(f"there is no artifact {sha256}", status=404)
    total, part = state.received_bytes, to.with_name(f"{to.name}.part")
    arrived = yield from Work(partial(files.size_or_zero, part))
    failures = 0
    while arrived < total:
        try:
            piece = yield from _piece(sha256, arrived, min(piece_bytes, total - arrived))
        except ControlPlaneError as error:
            failures += 1
            if failures == ATTEMPTS or not error.retriable:
                raise
            yield from pause(failures)
            continue
        arrived = yield from Work(partial(files.append, part, arrived, piece))
        progress(to.name, arrived, total)
        failures = 0
    yield from Work(partial(files.accept, part, to, sha256))
    return to


def _piece(sha256: str, begin: int, length: int) -> Call[bytes]:
    def read(answer: Answer) -> bytes:
        refuse_problems(answer)
        if answer.status != 206 or len(answer.body) != length:
            raise ControlPlaneError(
                f"answered {answer.status} with {len(answer.body)} bytes for {length} bytes of {sha256}",
                status=answer.status,
            )
        return answer.body

    return Call(
        method="GET",
        path=path("artifacts", sha256),
        headers={"Range": f"bytes={begin}-{begin + length - 1}"},
        read=read,
    )
