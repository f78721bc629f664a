"""The demo's picture: figures to a table a person can read, the same live and at the end."""

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from simulations.demo.scoreboard import Figures, TierFigures

BAR_WIDTH = 14


def picture(figures: Figures, *, title: str, note: str = "") -> RenderableType:
    """`note`: one line below, in words."""
    return Panel(
        Group(_tiers(figures), Text(), _line(figures), *([Text(note, style="dim")] if note else [])),
        title=title,
        title_align="left",
        box=box.ROUNDED,
        padding=(0, 1),
    )


def line(figures: Figures) -> str:
    """One line for an output that is not a terminal."""
    shares = ", ".join(f"{tier.tier} {tier.share:.0%}" for tier in figures.tiers)
    return (
        f"{figures.answered}/{figures.sent} answered, {figures.records_per_s:.0f} records/s, {shares}, "
        f"accuracy {percent(figures.accuracy)}, up {percent(figures.uplink_ratio)} of raw"
    )


def percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


def _tiers(figures: Figures) -> Table:
    table = Table(box=box.SIMPLE_HEAD, expand=True, pad_edge=False, padding=(0, 1))
    for heading, justify in (
        ("tier", "left"),
        ("answered here", "left"),
        ("share", "right"),
        ("right", "right"),
        ("p50 ms", "right"),
        ("p99 ms", "right"),
        ("sent up", "right"),
    ):
        table.add_column(heading, justify=justify, no_wrap=True)  # type: ignore[arg-type]  # a literal, from the tuple
    for tier in figures.tiers:
        table.add_row(*_row(tier))
    return table


def _row(tier: TierFigures) -> tuple[str, ...]:
    filled = round(tier.share * BAR_WIDTH)
    return (
        tier.tier,
        "█" * filled + "·" * (BAR_WIDTH - filled) + f" {tier.answered:,}",
        f"{tier.share:.1%}",
        percent(tier.accuracy),
        _milliseconds(tier.p50_ms),
        _milliseconds(tier.p99_ms),
        f"{tier.forwarded:,}, {_kilobytes(tier.bytes_up)}" if tier.forwarded else "-",
    )


def _line(figures: Figures) -> Text:
    up = figures.tiers[0].bytes_up if figures.tiers else 0
    parts = [
        f"{figures.records_per_s:,.0f} records/s",
        f"{figures.answered:,} of {figures.sent:,} answered",
        f"{percent(figures.accuracy)} right",
    ]
    if figures.doubled:
        parts.append(f"{figures.doubled} answered twice")
    if figures.dead_lettered:
        parts.append(f"{figures.dead_lettered} in the dead-letter topic")
    saved = f"{_kilobytes(up)} went up instead of {_kilobytes(figures.bytes_raw)}: {percent(figures.uplink_ratio)}"
    return Text("   ".join(parts), style="bold").append(f"\n{saved}", style="bold")


def _milliseconds(value: float | None) -> str:
    return "-" if value is None else f"{value:,.1f}"


def _kilobytes(value: int) -> str:
    return f"{value / 1000:,.1f} kB"
