"""Whether a stream that a site announced is what a federation asks for, and if not, why not. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.documents.federation import Requirements


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A stream as it was announced. Shapes None: no record has shown them yet. `records`: None without an end."""

    shape: tuple[int, ...] | None
    dtype: str
    label_shape: tuple[int, ...] | None
    label_dtype: str
    records: int | None
    restrictions: Mapping[str, Any] = field(default_factory=dict)


def mismatches(required: Requirements, found: Found) -> tuple[str, ...]:
    """Each in words for the people of the site; empty when the stream fits."""
    return tuple(_mismatches(required, found))


def _mismatches(required: Requirements, found: Found) -> Iterator[str]:
    for what, wanted, given in (
        ("records have shape", required.shape, found.shape),
        ("labels have shape", required.label_shape, found.label_shape),
    ):
        if wanted is not None and given is not None and given != wanted:
            yield f"{what} {list(given)}, not {list(wanted)}"
    for what, dtype, named in (
        ("records are", required.dtype, found.dtype),
        ("labels are", required.label_dtype, found.label_dtype),
    ):
        if dtype is not None and named != dtype.value:
            yield f"{what} {named}, not {dtype.value}"
    if found.records is not None and found.records < required.records:
        yield f"{found.records:,} records, and {required.records:,} are asked for"
    yield from _unlike(required.restrictions, found.restrictions, "restrictions")


def _unlike(wanted: Any, given: Any, at: str) -> Iterator[str]:  # noqa: ANN401 - JSON
    if not isinstance(wanted, Mapping):
        if _json(given) != _json(wanted):
            yield f"{at} is {given!r}, not {wanted!r}"
        return
    if not isinstance(given, Mapping):
        yield f"{at} is {given!r}, not an object"
        return
    for name, value in wanted.items():
        if name not in given:
            yield f"{at}.{name} is not said: {value!r} is asked for"
        elif name in ("min", "max") and _is_number(value) and _is_number(given[name]):
            if given[name] < value if name == "min" else given[name] > value:
                yield f"{at}.{name} is {given[name]!r}, beyond {value!r}"
        else:
            yield from _unlike(value, given[name], f"{at}.{name}")


def _is_number(value: Any) -> bool:  # noqa: ANN401 - JSON
    return isinstance(value, int | float) and not isinstance(value, bool)


def _json(value: Any) -> Any:  # noqa: ANN401 - JSON
    """So that true is not 1."""
    return (type(value), value) if isinstance(value, bool) else value
