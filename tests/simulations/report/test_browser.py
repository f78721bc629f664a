"""A report looked at in a real browser, wide and narrow. The photographs lie beside the page, for people to look at."""

import re
import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from simulations.report.__main__ import main
from simulations.report.content import Report
from simulations.report.write import write
from tests.browser.chromium import installed, runs_here
from tests.browser.devtools import Devtools, running
from tests.browser.look import Look, look
from tests.simulations.report.made_up import made_run

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not runs_here(), reason="the browser is a program for Linux on x86_64"),
]
WIDTHS, WHITE = (1280, 400), 0xFFFFFF
BOXES = """[...document.querySelectorAll('figure svg')].map(one => {
  const box = one.getBoundingClientRect();
  return [box.x + scrollX, box.y + scrollY, box.width, box.height];
})"""
SMALLEST_TEXT_PX = """Math.min(...[...document.querySelectorAll('body *')]
  .filter(one => !one.closest('svg') && one.checkVisibility() && one.textContent.trim())
  .map(one => parseFloat(getComputedStyle(one).fontSize)))"""
HEADINGS = "[...document.querySelectorAll('h1, h2, h3, h4')].map(one => Number(one.tagName[1]))"


@pytest.fixture(scope="module")
def devtools() -> Iterator[Devtools]:
    with tempfile.TemporaryDirectory() as profile, running(installed(), Path(profile)) as browser:
        yield browser


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = made_run(tmp_path_factory.mktemp("looked-at") / "run")
    assert main([str(run)]) == 0
    return run / "report.html"


@pytest.fixture(scope="module", params=WIDTHS)
def seen(request: pytest.FixtureRequest, devtools: Devtools, page: Path) -> Look:
    found = look(devtools, page, width=request.param)
    page.with_name(f"seen-{request.param}.png").write_bytes(found.png)
    return found


def test_nothing_is_complained_of_and_nothing_asked_of_the_outside(seen: Look, page: Path) -> None:
    assert seen.complaints == []
    assert seen.requests == [page.as_uri()]


def test_the_page_fits_its_window(seen: Look) -> None:
    assert seen.ask("document.documentElement.scrollWidth") <= seen.ask("innerWidth")


def test_every_picture_is_painted(seen: Look, page: Path) -> None:
    boxes = seen.ask(BOXES)
    assert len(boxes) == page.read_text().count("<figure")
    for x, y, width, height in boxes:
        assert width >= 300
        assert height >= 100
        inside = seen.picture[int(y) : int(y + height), int(x) : int(x + width)]
        assert len(np.unique(inside)) > 20


def test_what_is_photographed_is_no_blank_page(seen: Look) -> None:
    height, width = seen.picture.shape
    assert height > 2 * width
    inked = (seen.picture != WHITE).mean()
    assert 0.01 < inked < 0.5


def test_a_page_is_small_enough_to_be_sent(page: Path) -> None:
    assert page.stat().st_size < 2 * 2**20


def test_headings_stand_in_order(seen: Look) -> None:
    levels = seen.ask(HEADINGS)
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_text_can_be_read(seen: Look) -> None:
    assert seen.ask(SMALLEST_TEXT_PX) >= 12


def test_letters_in_pictures_can_be_read_on_a_telephone(seen: Look, page: Path) -> None:
    """They are paths, 7.5 points at least in pictures of as many points as their view boxes say."""
    widths_pt = [float(one) for one in re.findall(r'<svg viewBox="0 0 ([0-9.]+) ', page.read_text())]
    boxes = seen.ask(BOXES)
    assert min(box[2] / width_pt * 7.5 for box, width_pt in zip(boxes, widths_pt, strict=True)) >= 8


def test_names_that_would_break_out_of_the_page_stay_text(devtools: Devtools, report: Report, tmp_path: Path) -> None:
    found = look(devtools, write(report, tmp_path), width=400)
    assert found.complaints == []
    assert len(found.requests) == 1
    assert found.ask("document.scripts.length") == 0
    assert found.ask("document.title") == report.title


def test_a_page_that_asks_the_outside_is_found_out(devtools: Devtools, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text('<img src="http://example.invalid/a.png"><script>console.error("no")</script>')
    found = look(devtools, page, width=400)
    assert "http://example.invalid/a.png" in found.requests
    assert {one["method"] for one in found.complaints} == {"Runtime.consoleAPICalled", "Log.entryAdded"}
