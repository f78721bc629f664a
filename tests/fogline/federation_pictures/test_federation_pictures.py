"""What a federation has learnt, drawn."""

from pathlib import Path

import pytest

from fogline.federation_pictures import draw
from fogline.federation_pictures.elapsed import elapsed
from shared.documents.federation_workloads import FederationProgress, ModelScore
from shared.errors import SettingsError
from tests.fogline.federating import BEGAN, view


@pytest.mark.parametrize("name", ["a.png", "folder/a.svg"])
def test_it_is_drawn_and_the_same_gives_the_same_bytes(tmp_path: Path, name: str) -> None:
    to = tmp_path / name
    draw(view(12), to)
    first = to.read_bytes()
    assert first.startswith(b"\x89PNG") or b"<svg" in first
    draw(view(12), to)
    assert to.read_bytes() == first


@pytest.mark.parametrize(
    "one",
    [
        ModelScore(round=1, at=BEGAN, staleness={"east": 0}),
        ModelScore(round=1, at=BEGAN, metrics={"cloud/loss": 1.0}),
        ModelScore(round=1, at=BEGAN, site_metrics={"cloud/accuracy": 1.0}),
        ModelScore(round=1, at=BEGAN, metrics={"a/accuracy": 0.5}, staleness={f"site-{one}": one for one in range(99)}),
    ],
)
def test_what_there_is_is_drawn(tmp_path: Path, one: ModelScore) -> None:
    draw(view(progress=FederationProgress(round=1, history=(one,))), tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 1000


def test_nothing_to_draw_and_no_picture_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no model"):
        draw(view(progress=FederationProgress()), tmp_path / "a.png")
    for name in ("a.txt", ""):
        with pytest.raises(SettingsError, match="no picture"):
            draw(view(), tmp_path / name)


def test_time_is_counted_in_what_suits_it() -> None:
    assert elapsed(BEGAN, ["2026-01-01T00:00:30.5Z"]) == ([30.5], "seconds")
    assert elapsed(BEGAN, ["2026-01-01T00:30:00+00:00"]) == ([30.0], "minutes")
    assert elapsed(BEGAN, ["2026-01-01T01:30:00+01:00", "2026-01-01T06:00:00Z"]) == ([0.5, 6.0], "hours")
    assert elapsed(BEGAN, ["2025-12-31T23:59:59Z"]) == ([0.0], "seconds")
    assert elapsed(BEGAN, []) == ([], "seconds")
