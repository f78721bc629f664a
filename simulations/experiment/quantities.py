"""Numbers with their units, as people write them: `20 ms`, `10 Mbit/s`, `5 /s`. A number alone is refused."""

import re
import sys
from collections.abc import Mapping
from typing import Any, ClassVar, Self

_WRITTEN = re.compile(r"\s*(\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*([A-Za-z/%]+)\s*")


class Quantity(float):
    """A float in the unit of its class. `UNITS` maps what may be written to its size in that unit."""

    UNITS: ClassVar[Mapping[str, float]] = {}
    EXAMPLE: ClassVar[str] = ""
    MOST: ClassVar[float] = sys.float_info.max

    @classmethod
    def parse(cls, text: object) -> Self:
        """Raises ValueError with what would have been right."""
        found = _WRITTEN.fullmatch(text) if isinstance(text, str) else None
        if found is None or found[2] not in cls.UNITS:
            raise ValueError(f'{text!r} needs a number and a unit of {", ".join(cls.UNITS)}: "{cls.EXAMPLE}"')
        size = float(found[1]) * cls.UNITS[found[2]]
        if not size <= cls.MOST:
            raise ValueError(f"{text!r} is more than any {cls.__name__.lower()} can be")
        return cls(size)


class Duration(Quantity):
    """Seconds."""

    UNITS: ClassVar[Mapping[str, float]] = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0}
    EXAMPLE = "20 ms"


class Bandwidth(Quantity):
    """Bytes a second."""

    UNITS: ClassVar[Mapping[str, float]] = {"bit/s": 1 / 8, "kbit/s": 1e3 / 8, "Mbit/s": 1e6 / 8, "Gbit/s": 1e9 / 8}
    EXAMPLE = "10 Mbit/s"


class Rate(Quantity):
    """Events a second."""

    UNITS: ClassVar[Mapping[str, float]] = {"/s": 1.0, "/min": 1 / 60, "/h": 1 / 3600}
    EXAMPLE = "5 /s"


class Share(Quantity):
    """A fraction of one."""

    UNITS: ClassVar[Mapping[str, float]] = {"%": 0.01}
    EXAMPLE = "0.5 %"
    MOST = 1.0


def parts(written: object) -> tuple[float, str] | None:
    """The number and the unit of a setting; a number alone has none. None for what is no number."""
    if isinstance(written, int | float) and not isinstance(written, bool):
        return float(written), ""
    found = _WRITTEN.fullmatch(written) if isinstance(written, str) else None
    return None if found is None else (float(found[1]), found[2])


def from_document(kind: type, value: Any) -> Any:  # noqa: ANN401 - msgspec's hook for types it does not know
    if issubclass(kind, Quantity):
        return value if isinstance(value, kind) else kind.parse(value)
    raise NotImplementedError(kind)
