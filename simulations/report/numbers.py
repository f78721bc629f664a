"""Numbers as a reader sees them: three digits that matter, intervals in brackets."""

import math

from simulations.report.content import Estimate, TableCell, Verdict

NOTHING, MINUS = "\N{EN DASH}", "\N{MINUS SIGN}"


def number(value: float) -> str:
    """`1,234`, `12.3`, `0.0123`, `0`; three digits that matter, whole from a hundred on."""
    if math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return "\N{INFINITY}" if value > 0 else f"{MINUS}\N{INFINITY}"
    return _finite(value).replace("-", MINUS)


def _finite(value: float) -> str:
    if abs(value) >= 99.95 or value == round(value):
        return f"{value + 0.0:,.0f}"
    decimals = 2 - math.floor(math.log10(abs(value)))
    return f"{value:.{decimals}f}" if decimals <= 6 else f"{value:.2e}"


def estimate(found: Estimate) -> str:
    """`12.3 [11.9, 12.8]`, all three to the same decimal."""
    if found.interval is None:
        return number(found.value)
    three = (found.value, *found.interval)
    greatest = max((abs(one) for one in three if math.isfinite(one)), default=0.0)
    decimals = min(6, max(0, 2 - math.floor(math.log10(greatest)))) if greatest else 0
    value, low, high = (f"{one:,.{decimals}f}" if math.isfinite(one) else number(one) for one in three)
    return f"{value} [{low}, {high}]".replace("-", MINUS)


def percent(fraction: float, decimals: int = 1) -> str:
    """With its sign: `+12.3 %`."""
    return f"{fraction * 100:+.{decimals}f} %".replace("-", MINUS)


def p_value(p: float) -> str:
    return f"p = {p:.3f}" if p >= 0.001 else "p < 0.001"


def cell(found: TableCell) -> str:
    """A cell of a table as text."""
    match found:
        case None:
            return NOTHING
        case str():
            return found
        case Verdict():
            return found.text
        case Estimate():
            return estimate(found)
        case bool():
            return "yes" if found else "no"
        case int():
            return f"{found:,}"
        case float():
            return number(found)


def with_unit(label: str, unit: str) -> str:
    """An axis or a column: `response time (ms)`."""
    return f"{label} ({unit})" if unit else label
