"""The demo over links as a person sees it: bars while it runs, then the two ways side by side."""

import math
from collections.abc import Iterator, Mapping, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from simulations.demo.over_links.figures import Comparison, WayFigures
from simulations.demo.over_links.verdict import verdict
from simulations.demo.over_links.watching import Seen
from simulations.demo.over_links.ways import WARM_UP_S, Way
from simulations.demo.picture import percent

BAR_WIDTH = 40
# Beyond this a queue grows before the link.
FULL = 0.8
# Beyond this programs wait for a processor longer than for anything that is shown here.
BUSY = 2.0


def live(ways: Sequence[Way], seen: Mapping[str, Seen], note: str) -> RenderableType:
    table = Table(box=None, pad_edge=False, padding=(0, 2), show_header=False)
    for justify in ("left", "left", "left", "right"):
        table.add_column(justify=justify)
    for way in ways:
        for row in _bars(way, seen.get(way.title)):
            table.add_row(*row)
    return _framed(Group(table, Text(), Spinner("dots", text=note)), "Answered so far")


def line(title: str, seen: Seen) -> str:
    """One line for an output that is not a terminal."""
    answered = sum(seen.answered.values())
    tiers = ", ".join(f"{tier} {count / answered:.0%}" for tier, count in seen.answered.items()) if answered else ""
    return f"{title}: {answered:,} of {seen.wanted:,} answered{f', {tiers}' if len(seen.answered) > 1 else ''}"


def side_by_side(found: Comparison, titles: tuple[str, str]) -> RenderableType:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2))
    table.add_column("", no_wrap=True)
    for title in titles:
        table.add_column(title, justify="right", no_wrap=True)
    for name, *values in _rows(found):
        table.add_row(name, *values)
    doubts = [Text(f"\n{one}", style="yellow") for one in _doubts(found)]
    said = Text(verdict(found), style="bold"), *doubts, Text(f"\n{_conditions(found)}", style="dim")
    return _framed(Group(table, *said), f"{found.continuum.records:,} images over {_links(found)}")


def _framed(inside: RenderableType, title: str) -> Panel:
    return Panel(inside, title=title, title_align="left", box=box.ROUNDED, padding=(0, 1), expand=False)


def _bars(way: Way, seen: Seen | None) -> Iterator[tuple[str, ...]]:
    wanted = seen.wanted if seen else 1
    for number, tier in enumerate(tier.name for tier in way.experiment.tiers):
        answered = seen.answered.get(tier, 0) if seen else 0
        filled = min(BAR_WIDTH, round(answered / wanted * BAR_WIDTH))
        bar = "█" * filled + "·" * (BAR_WIDTH - filled)
        yield ("" if number else way.title, tier, bar, f"{answered:,}" if seen else "waits")


def _rows(found: Comparison) -> Iterator[tuple[str, str, str]]:
    mine, others = found.continuum, found.cloud_only
    for percentile in mine.latency_ms:
        name = f"latency {percentile}"
        yield name, _milliseconds(mine.latency_ms[percentile]), _milliseconds(others.latency_ms[percentile])
    for tier in mine.shares | others.shares:
        yield f"answered at {tier}", _share(mine, tier), _share(others, tier)
    yield "right", percent(mine.accuracy), percent(others.accuracy)
    for link, preset in found.links.items():
        yield f"up from {link.replace('-', ' to ', 1)} ({preset})", _up(mine, link), _up(others, link)
    if mine.unanswered or others.unanswered:
        yield "never answered", f"{mine.unanswered:,}", f"{others.unanswered:,}"


def _conditions(found: Comparison) -> str:
    """What the figures hold for, and what would change them."""
    first, preset = next(iter(found.links.items()))
    return (
        f"At {found.rate:g} images a second (--rate) the cloud alone takes {percent(found.link_share)} of the {preset} "
        f"link's bandwidth up. "
        f"Latency counts from when an image was due until its answer was read at the {first.split('-')[0]}; "
        f"{WARM_UP_S:g} s of warm-up are not counted."
    )


def _doubts(found: Comparison) -> Iterator[str]:
    """Why the figures may say less of the links than they seem to."""
    preset = next(iter(found.links.values()))
    if found.link_share > FULL:
        yield f"The {preset} link is full: a lower --rate shows what it does when it is not."
    if found.machine_load > BUSY:
        yield (
            f"This machine was busy, {found.machine_load:.1f} programs for each processor: much of these latencies is "
            "their waiting for one another. Run it again when it is quiet."
        )


def _links(found: Comparison) -> str:
    return " and ".join(found.links.values())


def _share(figures: WayFigures, tier: str) -> str:
    return percent(figures.shares[tier]) if tier in figures.shares else "-"


def _up(figures: WayFigures, link: str) -> str:
    return f"{figures.bytes_up[link] / 1000:,.0f} kB"


def _milliseconds(value: float) -> str:
    if math.isinf(value):
        return "never"
    return f"{value:,.1f} ms"
