"""Pictures as bytes. The same pictures give the same bytes."""

import io
import re
from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure

from fogline.run_pictures.picture import Picture
from simulations.report.charts import style

PNG_DPI = 160
TITLE_IN = 0.3
_CLIP = re.compile(rb"\bp[0-9a-f]{10}\b")
_METADATA: dict[str, dict[str, Any]] = {"svg": {"Date": None, "Creator": None}, "png": {"Software": None}}


def of_one(picture: Picture, kind: str) -> bytes:
    """`kind` is `png` or `svg`."""
    with style.applied(picture.name):
        figure = style.figure(picture.height_in + TITLE_IN)
        figure.suptitle(picture.title, x=0.01, ha="left", fontweight="bold", fontsize=10)
        picture.draw(figure)
        return _bytes(figure, kind)


def of_all(pictures: Sequence[Picture], kind: str, *, title: str) -> bytes:
    """Under each other, each as high as it would be alone."""
    with style.applied("run"):
        heights = [one.height_in + TITLE_IN for one in pictures]
        figure = style.figure(sum(heights) + TITLE_IN)
        figure.suptitle(title, x=0.01, ha="left", fontweight="bold", fontsize=11)
        parts = figure.subfigures(len(pictures), 1, height_ratios=heights, squeeze=False)[:, 0]
        for part, picture in zip(parts, pictures, strict=True):
            part.suptitle(picture.title, x=0.01, ha="left", fontweight="bold", fontsize=10)
            picture.draw(part)
        return _bytes(figure, kind)


def _bytes(figure: Figure, kind: str) -> bytes:
    written = io.BytesIO()
    figure.savefig(written, format=kind, dpi=PNG_DPI, metadata=_METADATA[kind])
    return _renamed(written.getvalue()) if kind == "svg" else written.getvalue()


def _renamed(svg: bytes) -> bytes:
    """Clip paths by their order: matplotlib names them by where the layout put them, to the last bit of a float."""
    names = dict.fromkeys(_CLIP.findall(svg))
    order = {name: b"clip%d" % place for place, name in enumerate(names)}
    return _CLIP.sub(lambda found: order[found[0]], svg)
