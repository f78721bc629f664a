"""Uploads and downloads go on where they broke off, in pieces of bounded size, and are verified."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shared.client import ControlPlaneUnreachableError
from shared.client.artifacts import ATTEMPTS, upload
from shared.client.flow import Answer, Call
from shared.documents import ArtifactView, encode
from shared.errors import ArtifactError, ControlPlaneError, StorageError
from tests.shared.client.stage import Ask, Asked, Rehearsal, Says, Server

CONTENT = bytes(range(256)) * 40
PIECE = 1000


class Shelf:
    """What a control plane keeps of one artifact. `cuts`: after how many bytes of each next body the line is cut."""

    def __init__(self, content: bytes, *, cuts: tuple[int | None, ...] = (), there: bytes = b"") -> None:
        self.wanted = content
        self.cuts = list(cuts)
        self.there = bytearray(there)

    def take(self, asked: Asked) -> int | None:
        return self.cuts.pop(0) if asked.method == "PATCH" and self.cuts else None

    def state(self) -> dict[str, str]:
        complete = len(self.there) == len(self.wanted)
        return {"Upload-Offset": str(len(self.there)), "Upload-Complete": "?1" if complete else "?0"}

    def answer(self, asked: Asked) -> Says:
        if asked.method == "HEAD":
            return Says(headers=self.state()) if self.there else Says(status=404)
        if int(asked.headers["upload-offset"]) != len(self.there):
            return Says(status=409, headers=self.state())
        self.there += asked.body
        view = ArtifactView(
            sha256=asked.path.rsplit("/", 1)[1],
            received_bytes=len(self.there),
            complete=len(self.there) == int(asked.headers["upload-length"]),
        )
        return Says(body=encode(view))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "edge.tflite"
    path.write_bytes(CONTENT)
    return path


def serve(server: Server, shelf: Shelf) -> Shelf:
    server.answer, server.take = shelf.answer, shelf.take
    return shelf


def test_a_file_arrives_whole_in_pieces_with_its_progress(ask: Ask, server: Server, file: Path) -> None:
    shelf = serve(server, Shelf(CONTENT))
    seen: list[tuple[str, int, int]] = []
    view = ask(lambda client: client.artifacts.upload(file, progress=lambda *p: seen.append(p), piece_bytes=PIECE))
    assert view.complete
    assert bytes(shelf.there) == CONTENT
    assert max(len(asked.body) for asked in server.asked) == PIECE
    assert [arrived for _, arrived, _ in seen] == sorted(arrived for _, arrived, _ in seen)
    assert seen[-1] == ("edge.tflite", len(CONTENT), len(CONTENT))


def test_a_broken_connection_in_mid_piece_costs_only_what_had_not_arrived(ask: Ask, server: Server, file: Path) -> None:
    shelf = serve(server, Shelf(CONTENT, cuts=(None, 300, None, 0)))
    assert ask(lambda client: client.artifacts.upload(file, piece_bytes=PIECE)).complete
    assert bytes(shelf.there) == CONTENT
    begins = [int(asked.headers["upload-offset"]) for asked in server.asked if asked.method == "PATCH"]
    assert begins[:5] == [0, 1000, 1300, 2300, 2300]


def test_an_earlier_upload_is_gone_on_with(ask: Ask, server: Server, file: Path) -> None:
    shelf = serve(server, Shelf(CONTENT, there=CONTENT[:5000]))
    ask(lambda client: client.artifacts.upload(file, piece_bytes=PIECE))
    assert bytes(shelf.there) == CONTENT
    assert sum(len(asked.body) for asked in server.asked) == len(CONTENT) - 5000


def test_what_is_there_is_not_sent_again(ask: Ask, server: Server, file: Path) -> None:
    serve(server, Shelf(CONTENT, there=CONTENT))
    assert ask(lambda client: client.artifacts.upload(file)).complete
    assert [asked.method for asked in server.asked] == ["HEAD"]


def test_an_empty_file_is_a_file(ask: Ask, server: Server, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    serve(server, Shelf(b""))
    assert ask(lambda client: client.artifacts.upload(tmp_path / "empty")).complete


def test_a_file_that_is_not_there_is_named(ask: Ask, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="nowhere: No such file"):
        ask(lambda client: client.artifacts.upload(tmp_path / "nowhere"))


def test_an_upload_that_gets_nowhere_is_given_up_after_ever_longer_pauses(file: Path) -> None:
    rehearsal = Rehearsal(lambda call: ControlPlaneUnreachableError("away"))
    with pytest.raises(ControlPlaneUnreachableError, match="away"):
        rehearsal.run(upload(file, progress=print))
    assert len(rehearsal.calls) == ATTEMPTS
    assert rehearsal.pauses == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]


class Unsteady:
    """Takes one piece, then is away for six calls, and so on: always fewer than a client's attempts."""

    def __init__(self) -> None:
        self.there = bytearray()
        self.away = 0

    def answer(self, call: Call[Any]) -> Answer | ControlPlaneError:
        if self.away:
            self.away -= 1
            return ControlPlaneUnreachableError("away")
        if call.method == "PATCH":
            self.there += call.content or b""
            self.away = ATTEMPTS - 2
        done = len(self.there) == len(CONTENT)
        view = ArtifactView(sha256="x", received_bytes=len(self.there), complete=done)
        headers = {"upload-offset": str(len(self.there)), "upload-complete": "?1" if done else "?0"}
        return Answer(status=200, headers=headers, body=encode(view))


def test_attempts_are_counted_anew_after_each_piece_that_arrived(file: Path) -> None:
    unsteady = Unsteady()
    rehearsal = Rehearsal(unsteady.answer)
    assert rehearsal.run(upload(file, progress=lambda *_: None, piece_bytes=PIECE)).complete
    assert bytes(unsteady.there) == CONTENT
    assert len(rehearsal.pauses) > ATTEMPTS


def test_a_refused_artifact_is_not_sent_again(ask: Ask, server: Server, file: Path) -> None:
    server.answer = lambda asked: Says(status=404 if asked.method == "HEAD" else 413)
    with pytest.raises(ControlPlaneError) as caught:
        ask(lambda client: client.artifacts.upload(file))
    assert caught.value.status == 413
    assert [asked.method for asked in server.asked] == ["HEAD", "PATCH"]


def test_a_server_that_keeps_nothing_is_not_fed_for_ever(ask: Ask, server: Server, file: Path) -> None:
    nothing = ArtifactView(sha256="x", received_bytes=0, complete=False)
    server.answer = lambda asked: Says(status=404) if asked.method == "HEAD" else Says(body=encode(nothing))
    with pytest.raises(ControlPlaneError, match="kept nothing"):
        ask(lambda client: client.artifacts.upload(file))


def ranged(content: bytes) -> Callable[[Asked], Says]:
    def answer(asked: Asked) -> Says:
        if asked.method == "HEAD":
            return Says(headers={"Upload-Offset": str(len(CONTENT)), "Upload-Complete": "?1"})
        begin, end = map(int, asked.headers["range"].removeprefix("bytes=").split("-"))
        return Says(status=206, body=content[begin : end + 1])

    return answer


SHA256 = hashlib.sha256(CONTENT).hexdigest()


def test_a_download_appears_only_when_verified(ask: Ask, server: Server, tmp_path: Path) -> None:
    server.answer = ranged(CONTENT)
    to = tmp_path / "edge.tflite"
    ask(lambda client: client.artifacts.download(SHA256, to, piece_bytes=PIECE))
    assert to.read_bytes() == CONTENT
    assert list(tmp_path.iterdir()) == [to]


def test_a_download_goes_on_where_it_broke_off(ask: Ask, server: Server, tmp_path: Path) -> None:
    server.answer = ranged(CONTENT)
    (tmp_path / "edge.tflite.part").write_bytes(CONTENT[:9000])
    to = ask(lambda client: client.artifacts.download(SHA256, tmp_path / "edge.tflite", piece_bytes=PIECE))
    assert to.read_bytes() == CONTENT
    assert sum(asked.method == "GET" for asked in server.asked) == 2


def test_a_download_of_other_bytes_is_refused_and_leaves_nothing(ask: Ask, server: Server, tmp_path: Path) -> None:
    server.answer = ranged(CONTENT[:-1] + b"?")
    with pytest.raises(ArtifactError, match="instead of"):
        ask(lambda client: client.artifacts.download(SHA256, tmp_path / "edge.tflite"))
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_ignores_ranges_is_refused(ask: Ask, server: Server, tmp_path: Path) -> None:
    there = {"Upload-Offset": str(len(CONTENT)), "Upload-Complete": "?1"}
    server.answer = lambda asked: Says(headers=there) if asked.method == "HEAD" else Says(body=CONTENT)
    with pytest.raises(ControlPlaneError, match="answered 200 with 10240 bytes for 1000"):
        ask(lambda client: client.artifacts.download(SHA256, tmp_path / "x", piece_bytes=PIECE))
