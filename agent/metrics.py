"""Counters, gauges and histograms, rendered as Prometheus text.

Written out here because importing prometheus-client costs an idle agent 2.6 MiB, a twentieth of its memory.
The format: https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import TypeVar

SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
Labels = tuple[str, ...]
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


class Counter:
    __slots__ = ("value",)
    kind = "counter"

    def __init__(self) -> None:
        self.value: float = 0.0

    def add(self, amount: float = 1.0) -> None:
        self.value += amount

    def samples(self, name: str, labels: Labels) -> Iterator[str]:
        yield f"{name}{_braces(labels)} {_number(self.value)}"


class Gauge:
    """`set` a value, or `read_from` a function that is asked each time somebody looks."""

    __slots__ = ("_read",)
    kind = "gauge"

    def __init__(self) -> None:
        self._read: Callable[[], float] = float

    def set(self, value: float) -> None:
        self._read = lambda: value

    def read_from(self, read: Callable[[], float]) -> None:
        self._read = read

    @property
    def value(self) -> float:
        return self._read()

    def samples(self, name: str, labels: Labels) -> Iterator[str]:
        yield f"{name}{_braces(labels)} {_number(self.value)}"


class Histogram:
    __slots__ = ("_bounds", "_counts", "total")
    kind = "histogram"

    def __init__(self, bounds: Sequence[float] = SECONDS) -> None:
        self._bounds = tuple(bounds)
        self._counts = [0] * (len(self._bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        self._counts[bisect_left(self._bounds, value)] += 1
        self.total += value

    @property
    def count(self) -> int:
        return sum(self._counts)

    def samples(self, name: str, labels: Labels) -> Iterator[str]:
        bounds = [*map(_number, self._bounds), "+Inf"]
        for bound, below in zip(bounds, accumulate(self._counts), strict=True):
            yield f"{name}_bucket{_braces((*labels, _label('le', bound)))} {below}"
        yield f"{name}_sum{_braces(labels)} {_number(self.total)}"
        yield f"{name}_count{_braces(labels)} {self.count}"


Metric = Counter | Gauge | Histogram
M = TypeVar("M", Counter, Gauge, Histogram)


class Metrics:
    """Every metric of one agent. Asking twice for the same name and labels gives the same one back."""

    def __init__(self) -> None:
        self._families: dict[str, tuple[str, dict[Labels, Metric]]] = {}

    def counter(self, name: str, help: str, /, **labels: str) -> Counter:
        return self._get(name, help, labels, Counter)

    def gauge(self, name: str, help: str, /, **labels: str) -> Gauge:
        return self._get(name, help, labels, Gauge)

    def histogram(self, name: str, help: str, /, **labels: str) -> Histogram:
        return self._get(name, help, labels, Histogram)

    def remove(self, **labels: str) -> None:
        """Forget what carries all of `labels`: a workload that is gone must not be shown for ever."""
        wanted = {_label(name, value) for name, value in labels.items()}
        for _, members in self._families.values():
            for key in [key for key in members if wanted <= set(key)]:
                del members[key]

    def render(self) -> str:
        return "".join(f"{line}\n" for line in self._lines())

    def _lines(self) -> Iterator[str]:
        for name, (help, members) in sorted(self._families.items()):
            if not members:
                continue
            yield f"# HELP {name} {help}"
            yield f"# TYPE {name} {next(iter(members.values())).kind}"
            for labels, metric in sorted(members.items()):
                yield from metric.samples(name, labels)

    def _get(self, name: str, help: str, labels: Mapping[str, str], kind: type[M]) -> M:
        _, members = self._families.setdefault(name, (help, {}))
        key = tuple(_label(label, value) for label, value in sorted(labels.items()))
        metric = members.setdefault(key, kind())
        if not isinstance(metric, kind):
            raise TypeError(f"{name} is a {metric.kind}, not a {kind.kind}")
        return metric


def _label(name: str, value: str) -> str:
    return f'{name}="{value.translate(_ESCAPES)}"'


def _braces(labels: Labels) -> str:
    return f"{{{','.join(labels)}}}" if labels else ""


def _number(value: float) -> str:
    exact = float(value)
    return str(int(exact)) if exact.is_integer() else repr(exact)
