"""A page as a reader sees it: opened in a real browser at a given width, photographed and measured."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib.image
import numpy as np
from numpy.typing import NDArray

from tests.browser.devtools import Devtools, Message

HEIGHT = 900
COMPLAINTS = {"Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Look:
    """`requests`: every address that was asked for. `picture`: `[height, width]` of the whole page, a pixel
    as 0xBBGGRR."""

    requests: Sequence[str]
    complaints: Sequence[Message]
    png: bytes
    picture: NDArray[np.uint32]
    _devtools: Devtools
    _session: str

    def ask(self, expression: str) -> Any:  # noqa: ANN401 - any JSON
        """What a JavaScript expression is, in the page."""
        return _evaluated(self._devtools, self._session, expression)


def look(devtools: Devtools, page: Path | str, *, width: int) -> Look:
    """`page`: a file, or an address."""
    devtools.events.clear()
    target = devtools.call("Target.createTarget", url="about:blank")["targetId"]
    session: str = devtools.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    for domain in ("Page", "Runtime", "Log", "Network"):
        devtools.call(f"{domain}.enable", session=session)
    sizes = {"width": width, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False}
    devtools.call("Emulation.setDeviceMetricsOverride", session=session, **sizes)
    devtools.call("Page.navigate", session=session, url=page if isinstance(page, str) else page.resolve().as_uri())
    devtools.await_event("Page.loadEventFired", session)
    png = _photographed(devtools, session)
    mine = [event for event in devtools.events if event.get("sessionId") == session]
    return Look(
        requests=[one["params"]["request"]["url"] for one in mine if one["method"] == "Network.requestWillBeSent"],
        complaints=[one for one in mine if one["method"] in COMPLAINTS],
        png=png,
        picture=_pixels(png),
        _devtools=devtools,
        _session=session,
    )


def _pixels(png: bytes) -> NDArray[np.uint32]:
    channels = (matplotlib.image.imread(io.BytesIO(png), format="png")[:, :, :3] * 255).astype(np.uint32)
    pixels: NDArray[np.uint32] = channels @ np.array([1, 1 << 8, 1 << 16], dtype=np.uint32)
    return pixels


def _photographed(devtools: Devtools, session: str) -> bytes:
    """All of it, also what is below the window. Two frames later everything that was laid out is painted."""
    _evaluated(
        devtools, session, "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(0))))"
    )
    taken = devtools.call("Page.captureScreenshot", session=session, captureBeyondViewport=True)
    return base64.b64decode(taken["data"])


def _evaluated(devtools: Devtools, session: str, expression: str) -> Any:  # noqa: ANN401
    said = devtools.call(
        "Runtime.evaluate", session=session, expression=expression, returnByValue=True, awaitPromise=True
    )
    if "exceptionDetails" in said:
        raise RuntimeError(f"{expression}: {said['exceptionDetails']}")
    return said["result"].get("value")
