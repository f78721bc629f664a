"""A chart as bytes: PNG for slides, SVG for papers, and SVG that may stand in a page beside others."""

import io
import re
from dataclasses import dataclass

from simulations.report.charts import Palette, draw, style
from simulations.report.content import Chart

PNG_DPI = 200
_ROOT = re.compile(r"<svg\b[^>]*>")
_SIZE = re.compile(r'viewBox="0 0 ([0-9.]+) ([0-9.]+)"')
_UNWANTED = re.compile(r"<metadata>.*?</metadata>\s*|<!--.*?-->\s*", re.DOTALL)
_ID = re.compile(r'\bid="([^"]*)"')
_USE = re.compile(r'(?:xlink:)?href="#([^"]*)"')
_URL = re.compile(r"url\(#([^)]*)\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """`svg` is a file of its own; `inline` has ids that begin with the chart's name and refers to nothing outside."""

    svg: bytes
    png: bytes
    inline: str


def picture(chart: Chart, palette: Palette) -> Picture:
    """The same bytes for the same chart and palette."""
    with style.applied(chart.name):
        drawn = draw(chart, palette)
        svg, png = io.BytesIO(), io.BytesIO()
        drawn.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})
        drawn.savefig(png, format="png", dpi=PNG_DPI, metadata={"Software": None})
    return Picture(svg=svg.getvalue(), png=png.getvalue(), inline=inline(svg.getvalue().decode(), chart.name))


def inline(svg: str, name: str) -> str:
    """The element `svg` of a file, to be put into HTML. Raises ValueError when it has no view box."""
    found, size = _ROOT.search(svg), _SIZE.search(svg)
    if found is None or size is None:
        raise ValueError(f"the picture {name} is no SVG with a view box")
    inner = _UNWANTED.sub("", svg[found.end() :])
    inner = _ID.sub(rf'id="{name}-\1"', inner)
    inner = _USE.sub(rf'href="#{name}-\1"', inner)
    inner = _URL.sub(rf"url(#{name}-\1)", inner)
    root = f'<svg viewBox="0 0 {size[1]} {size[2]}" role="img" aria-labelledby="{name}-title">'
    return root + inner.strip()
