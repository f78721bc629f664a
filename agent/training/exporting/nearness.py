"""How far an artifact's answers may be from the trained network's. Pure."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.documents import Export, ExportForm, Precision
from shared.errors import ModelError


def name(form: ExportForm) -> str:
    return f"{form.format} {form.precision}"


def difference(found: NDArray[Any], wanted: NDArray[Any]) -> float:
    """The largest, of any number of any record; NaN where either has one. Both `[n, *exit]`, n >= 1."""
    return float(np.abs(found.astype(np.float64) - wanted.astype(np.float64)).max())


def require_near(found: float, form: ExportForm, what: str, export: Export) -> None:
    """`found`: as `difference` has it. Raises ModelError with what it is of, form and remedy; NaN is never near."""
    is_fine = form.precision is Precision.FLOAT32
    setting = "tolerance" if is_fine else "coarse_tolerance"
    allowed: float = getattr(export, setting)
    if found <= allowed:
        return
    remedy = f"raise `export.{setting}` if so much does no harm"
    if not is_fine:
        remedy += ", calibrate on more `export.representative` records" if form.precision is Precision.INT8 else ""
        remedy += f", or leave {form.precision} out of `export.forms`"
    raise ModelError(
        f"{what} as {name(form)} answers up to {found:.3g} away from the trained network, and {allowed:g} is "
        f"allowed: {remedy}"
    )
