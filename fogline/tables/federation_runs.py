"""What a simulated federation did, for people. Pure."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType

from fogline.tables.shape import duration, size, table

if TYPE_CHECKING:
    from simulations.federation.outcome import Outcome, SeedOutcome, Version
    from simulations.federation.said import Going

_VERSIONS = ("seed", "version", "virtual time", "passes", "updates", "staleness", "most", "accuracy")
_GOING = ("seed", "version", "of", "virtual time", "passes", "staleness", "accuracy")
_MOST_ROWS = 20


def going(those: "Mapping[int, Going]") -> RenderableType:
    rows = [
        (
            str(seed),
            str(one.round),
            str(one.rounds),
            _time(one.at_s),
            f"{one.passes:.1f}",
            f"{one.staleness:.1f}",
            _accuracy(one.accuracy),
        )
        for seed, one in sorted(those.items())
    ]
    return table(_GOING, rows, empty="reading the data")


def outcome(found: "Outcome") -> RenderableType:
    from simulations.federation.picture import some

    rows = [_row(seed, one) for seed in found.seeds for one in some(seed.versions, _MOST_ROWS)]
    return Group(table(_VERSIONS, rows, empty="no model was made"), *map(_line, found.seeds), _verdict(found))


def _row(seed: "SeedOutcome", one: "Version") -> tuple[str, ...]:
    return (
        str(seed.seed),
        str(one.round),
        _time(one.at_s),
        f"{one.passes:.1f}",
        str(one.updates),
        f"{one.staleness:.1f}",
        str(one.most_stale),
        _accuracy(one.accuracy),
    )


def _line(one: "SeedOutcome") -> str:
    refused = "".join(f"; {count} refused: {reason}" for reason, count in sorted(one.refused.items()))
    return (
        f"seed {one.seed}: {_accuracy(one.accuracy)} after {one.rounds} models, {one.accepted} updates and "
        f"{one.passes:.1f} passes, {size(one.up_bytes)} up and {size(one.down_bytes)} down; "
        f"{_time(one.virtual_s)} of virtual time in {duration(one.real_s)}, "
        f"{duration(one.processor_s)} of a processor{refused}"
    )


def _verdict(found: "Outcome") -> str:
    spread = "" if found.spread is None else f", standard deviation {100 * found.spread:.2f} points"
    seeds = f"mean of {len(found.seeds)} seeds{spread}" if len(found.seeds) > 1 else "one seed"
    return f"test accuracy {100 * found.accuracy:.2f} % ({seeds}); bytes up: {found.up_share:.3f} of float32's"


def _accuracy(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.2f} %"


def _time(seconds: float) -> str:
    return f"{seconds:,.0f} s"
