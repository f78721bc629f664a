import re
import struct

import pytest

from simulations.report.charts import Palette
from simulations.report.content import Chart, Report
from simulations.report.pictures import inline, picture

KINDS = range(6)


def chart(report: Report, kind: int) -> Chart:
    return list(report.charts)[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_chart_can_be_drawn_and_comes_out_the_same_again(report: Report, kind: int) -> None:
    palette = Palette.of(report.charts)
    first, again = picture(chart(report, kind), palette), picture(chart(report, kind), palette)
    assert first == again


@pytest.mark.parametrize("kind", KINDS)
def test_a_png_is_as_wide_as_two_columns_of_a_paper_at_200_dots_an_inch(report: Report, kind: int) -> None:
    png = picture(chart(report, kind), Palette.of(report.charts)).png
    width, height = struct.unpack(">II", png[16:24])
    assert png.startswith(b"\x89PNG")
    assert width == 1400
    assert 200 <= height <= 2400


@pytest.mark.parametrize("kind", KINDS)
def test_an_inline_picture_refers_to_itself_alone(report: Report, kind: int) -> None:
    drawn = chart(report, kind)
    found = picture(drawn, Palette.of(report.charts)).inline
    assert "http" not in found
    assert "<script" not in found
    assert "<metadata" not in found
    ids = set(re.findall(r'\bid="([^"]*)"', found))
    used = re.findall(r'href="([^"]*)"', found) + re.findall(r"url\(([^)]*)\)", found)
    assert all(one.startswith(f"{drawn.name}-") for one in ids)
    assert {one.removeprefix("#") for one in used} <= ids


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="no SVG"):
        inline("<p>", "a")
