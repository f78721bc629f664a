"""How sure each exit must be, and what that promises. Pure."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Group, RenderableType
from rich.text import Text

from fogline.tables.shape import duration, percent, size, table

if TYPE_CHECKING:
    from agent.training.exiting.calibration import Calibration
    from agent.training.exiting.parts import Parts
    from agent.training.exiting.trade import TradePoint

_EXITS = ("exit", "threshold", "answers")
_WHOLE = ("of the whole", "with these exits", "last exit alone")
_CAVEAT = "It holds for records like these, if their outputs came through the exported, encoded chain as deployed."


def calibration(
    found: "Calibration", tiers: tuple[str, ...], parts: "Parts", *, picture: Path | None = None
) -> RenderableType:
    sentence = found.choice.sentence
    notes = [
        f"Tested on {len(parts.test):,} records; the path of thresholds was laid on {len(parts.path):,} others.",
        _CAVEAT,
    ]
    if picture is not None:
        notes.append(f"The whole trade is drawn in {picture}.")
    return Group(Text(f"{sentence[0].upper()}{sentence[1:]}."), _exits(found, tiers), _whole(found), *map(Text, notes))


def threshold(value: float | None) -> str:
    """The fewest digits that give the same single-precision number again: rounded, another record might leave."""
    return "never" if value is None else np.format_float_positional(np.float32(value), unique=True, trim="0")


def _exits(found: "Calibration", tiers: tuple[str, ...]) -> RenderableType:
    said = (*map(threshold, found.choice.thresholds), "the rest")
    rows = zip(tiers, said, map(percent, found.choice.shares), strict=True)
    return table(_EXITS, rows, empty="No exits.")


def _whole(found: "Calibration") -> RenderableType:
    chosen, alone = found.points[found.choice.step], found.points[0]
    harmed = f"{chosen.harm:.2%} ({found.choice.harmed:,} of {found.choice.records:,})"
    rows = [
        ("answered rightly", f"{chosen.accuracy:.2%}", f"{alone.accuracy:.2%}"),
        ("lost a right answer", harmed, "none"),
        *_costs(chosen, alone),
    ]
    return table(_WHOLE, rows, empty="")


def _costs(chosen: "TradePoint", alone: "TradePoint") -> list[tuple[str, str, str]]:
    rows = []
    if chosen.latency_s is not None and alone.latency_s is not None:
        rows.append(("expected latency", duration(chosen.latency_s), duration(alone.latency_s)))
    if chosen.sent_bytes is not None and alone.sent_bytes is not None:
        rows.append(("expected bytes", size(chosen.sent_bytes), size(alone.sent_bytes)))
    return rows
