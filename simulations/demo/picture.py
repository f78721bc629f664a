"""The demo's picture: figures to a table a person can read, the same live and at the end."""

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from simulations.demo.scoreboard import Figures, TierFigures

BAR_WIDTH = 24


def picture(figures: Figures, *, title: str, note: str = "") -> RenderableType:
    """`note`: one line below, in words."""
    return Panel(
        Group(_tiers(figures), Text(), _line(figures), *([Text(note, style="dim")] if note else [])),
        title=title,
        title_align="left",
        box=box.ROUNDED,
        padding=(1, 2),
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
    table = Table(box=box.SIMPLE_HEAD, expand=True, pad_edge=False)
    for heading, justify in (
        ("tier", "left"),
        ("answered here", "left"),
        ("share", "right"),
        ("records", "right"),
        ("accuracy", "right"),
        ("p50", "right"),
        ("p99", "right"),
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
        "█" * filled + "·" * (BAR_WIDTH - filled),
        f"{tier.share:.1%}",
        f"{tier.answered:,}",
        percent(tier.accuracy),
        _milliseconds(tier.p50_ms),
        _milliseconds(tier.p99_ms),
        f"{tier.forwarded:,} ({_kilobytes(tier.bytes_up)})" if tier.forwarded else "-",
    )


def _line(figures: Figures) -> Text:
    up = figures.tiers[0].bytes_up if figures.tiers else 0
    parts = [
        f"{figures.records_per_s:,.0f} records/s",
        f"{figures.answered:,} of {figures.sent:,} answered",
        f"accuracy {percent(figures.accuracy)}",
        f"{_kilobytes(up)} up instead of {_kilobytes(figures.bytes_raw)} raw ({percent(figures.uplink_ratio)})",
    ]
    if figures.doubled:
        parts.append(f"{figures.doubled} answered twice")
    if figures.dead_lettered:
        parts.append(f"{figures.dead_lettered} in the dead-letter topic")
    return Text("   ".join(parts), style="bold")


def _milliseconds(value: float | None) -> str:
    return "-" if value is None else f"{value:,.1f} ms"


def _kilobytes(value: int) -> str:
    return f"{value / 1000:,.1f} kB"
