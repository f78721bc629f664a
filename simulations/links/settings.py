"""What the shaper is told: links, and the ports whose connections cross them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from shared.documents.codec import decode
from shared.documents.types import Document, Fraction
from shared.errors import DocumentError, SettingsError
from shared.storage import storage_errors
from simulations.experiment.document import Jitter

Port = Annotated[int, Meta(ge=0, le=65535)]
Delay = Annotated[float, Meta(ge=0, le=3600)]


class LineSettings(Document, frozen=True, kw_only=True):
    """One direction of one link. `bandwidth` counts what connections carry, without headers; None: no limit.

    `latency` is the mean of the delay, `jitter` its standard deviation (for `uniform` half of its range), both in
    seconds; `bandwidth` is in bytes a second, `loss` a fraction of the segments.
    """

    latency: Delay = 0.0
    jitter: Delay = 0.0
    distribution: Jitter = Jitter.NORMAL
    bandwidth: Annotated[float, Meta(gt=0)] | None = None
    loss: Fraction = 0.0


class LinkSettings(Document, frozen=True, kw_only=True):
    """`up` leads away from the clients."""

    name: str
    up: LineSettings = LineSettings()
    down: LineSettings = LineSettings()

    @property
    def round_trip_s(self) -> float:
        return self.up.latency + self.down.latency


class RouteSettings(Document, frozen=True, kw_only=True):
    """Connections to `listen_port` (0: any that is free) reach the target over `links`, the client's nearest first."""

    target_port: Port
    listen_port: Port = 0
    target_host: str = "127.0.0.1"
    links: tuple[str, ...] = ()


class ShaperSettings(Document, frozen=True, kw_only=True):
    links: tuple[LinkSettings, ...]
    routes: tuple[RouteSettings, ...]
    seed: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 1
    listen_host: str = "127.0.0.1"


def load(path: Path) -> ShaperSettings:
    """Raises SettingsError that names the file, and StorageError when it cannot be read."""
    with storage_errors(path):
        raw = path.read_bytes()
    try:
        settings = decode(raw, ShaperSettings)
    except DocumentError as error:
        raise SettingsError(f"{path}: {error}") from error
    for problem in problems(settings):
        raise SettingsError(f"{path}: {problem}")
    return settings


def problems(settings: ShaperSettings) -> Iterator[str]:
    """What decoding cannot see."""
    names = [link.name for link in settings.links]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"links: {name!r} stands there more than once"
    for index, route in enumerate(settings.routes):
        for name in route.links:
            if name not in names:
                yield f"routes[{index}].links: there is no link {name!r}; there are {', '.join(names) or 'none'}"
        if len(set(route.links)) < len(route.links):
            yield f"routes[{index}].links: a route crosses a link once"
