"""The cells of a sweep: the same experiment with other settings. Pure.

    [sweep.grid]
    "load.clients" = [1, 8, 32]
    "tiers.edge.replicas" = [1, 2]

Entries of the list come first, then the grid's settings in their order, the last one changing fastest. A list's entry
may say with `name` what its cells are called.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import product, repeat
from typing import Any

from msgspec.structs import replace

from shared.errors import DocumentError
from simulations.experiment.codec import decode, encode
from simulations.experiment.document import Experiment, Sweep

NAME = "name"
# What is the same for a whole run, or else its cells would be no longer told apart.
FIXED = frozenset({"api_version", "kind", "name", "title", "repetitions", "sweep", "search"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """`settings` by path, as they differ from the file; `experiment` has them, and no sweep or search of its own.
    `name` is that of its entry in the sweep's list, or empty."""

    index: int
    name: str
    settings: Mapping[str, object]
    experiment: Experiment


def count(experiment: Experiment) -> int:
    """How many cells there are, without building one."""
    sweep = experiment.sweep
    return (len(sweep.list) or 1) * math.prod(len(values) for values in sweep.grid.values())


def cells(experiment: Experiment) -> tuple[Cell, ...]:
    """All of them, in order; look at `count` before. Raises DocumentError that names the setting."""
    base = replace(experiment, sweep=Sweep(), search=None)
    return tuple(
        Cell(index=index, name=name, settings=settings, experiment=changed(base, settings))
        for index, (name, settings) in enumerate(
            zip(names(experiment.sweep), combinations(experiment.sweep), strict=True)
        )
    )


def names(sweep: Sweep) -> Iterator[str]:
    """Of each cell, in order."""
    each = math.prod(len(values) for values in sweep.grid.values())
    for entry in sweep.list or ({},):
        yield from repeat(str(entry.get(NAME, "")), each)


def combinations(sweep: Sweep) -> Iterator[dict[str, object]]:
    """The settings of each cell, in order, made one at a time. Raises DocumentError for one that is set twice."""
    for entry in sweep.list or ({},):
        for values in product(*sweep.grid.values()):
            yield _joined(_settings(entry), dict(zip(sweep.grid, values, strict=True)))


def _settings(entry: Mapping[str, Any]) -> dict[str, object]:
    return flat({path: value for path, value in entry.items() if path != NAME})


def changed(experiment: Experiment, settings: Mapping[str, object]) -> Experiment:
    """The experiment with other settings, decoded anew. Raises DocumentError, its `field` the setting's path."""
    if not settings:
        return experiment
    document = encode(experiment)
    try:
        return decode(reduce(_set, settings.items(), document))
    except DocumentError:
        _blame(document, settings)
        raise


def flat(settings: Mapping[str, Any]) -> dict[str, object]:
    """Settings within settings by their whole path: `{"load": {"clients": 8}}` is `{"load.clients": 8}`."""
    found: dict[str, object] = {}
    for name, value in settings.items():
        if isinstance(value, dict):
            found = _joined(found, {f"{name}.{rest}": inner for rest, inner in flat(value).items()})
        else:
            found = _joined(found, {name: value})
    return found


def _joined(some: dict[str, object], others: dict[str, object]) -> dict[str, object]:
    twice = some.keys() & others.keys()
    if twice:
        raise DocumentError("set twice in the sweep", field=min(twice))
    return some | others


def _set(document: Mapping[str, Any], setting: tuple[str, object]) -> Mapping[str, Any]:
    path, value = setting
    step, *rest = path.split(".")
    if step in FIXED:
        raise DocumentError("is the same for all cells and no setting of a sweep", field=path)
    return {**document, step: _with(document.get(step), rest, value, path)}


def _with(node: Any, steps: Sequence[str], value: object, path: str) -> Any:  # noqa: ANN401 - any part of a document
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    match node:
        case dict() | None:
            inner = node or {}
            return {**inner, step: _with(inner.get(step), rest, value, path)}
        case list() | tuple():
            at = _position(node, step, path)
            return [*node[:at], _with(node[at], rest, value, path), *node[at + 1 :]]
    raise DocumentError(f"{step!r} cannot lie within {node!r}", field=path)


def _position(items: Sequence[Any], step: str, path: str) -> int:
    names = [_name(item, at) for at, item in enumerate(items)]
    if step in names:
        return names.index(step)
    raise DocumentError(f"there is no {step!r}, only {', '.join(names) or 'an empty list'}", field=path)


def _name(item: object, at: int) -> str:
    match item:
        case {"name": str(name)}:
            return name
        case {"between": [str(one), str(other)]}:
            return f"{one}-{other}"
    return str(at)


def _blame(document: Mapping[str, Any], settings: Mapping[str, object]) -> None:
    """Raises for the first setting with which the document no longer decodes."""
    for setting in settings.items():
        try:
            document = _set(document, setting)
            decode(document)
        except DocumentError as error:
            path, value = setting
            raise DocumentError(f"{value!r} in the sweep: {error.reason}", field=path) from error
