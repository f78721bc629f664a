"""Which operators an exported program may call: tensor arithmetic, and numbers made of numbers."""

import operator
import re
from collections.abc import Callable
from math import ceil, floor, trunc
from typing import Any

import torch

from shared.errors import ModelError

_ATEN = re.compile(r"torch\.ops\.aten\.(\w+)\.(\w+)")
_HARMLESS_PRIVATE = ("_assert_tensor_metadata", "_assert_scalar", "_assert_async")
_FILES = ("from_file", "save")

# Arithmetic on lengths, as `x.shape[0] * 2` leaves it in a graph.
_PYTHON = ["add", "sub", "mul", "floordiv", "mod", "truediv", "neg", "eq", "ne", "lt", "le", "gt", "ge", "and_", "or_"]
_NUMBERS: dict[str, Callable[..., Any]] = {
    **{f"_operator.{name}": getattr(operator, name) for name in _PYTHON},
    "math.ceil": ceil,
    "math.floor": floor,
    "math.trunc": trunc,
    "torch.sym_int": int,
    "torch.sym_float": float,
    "torch.sym_max": max,
    "torch.sym_min": min,
    "torch.sym_not": operator.not_,
    "torch.sym_ite": lambda condition, yes, no: yes if condition else no,
}


def resolve(target: str) -> Callable[..., Any]:
    """Raises ModelError for what is no tensor operator of PyTorch itself, or one that reads or writes files."""
    number = _NUMBERS.get(target)
    if number is not None:
        return number
    match = _ATEN.fullmatch(target)
    if match is None or not _is_tensor_operator(match[1], match[2]):
        raise ModelError(
            f"the program calls {target[:200]!r}, which a sub-model may not; "
            "only public ATen operators are run, so export without custom operators or control flow"
        )
    overload: Callable[..., Any] = getattr(getattr(torch.ops.aten, match[1]), match[2])
    return overload


def _is_tensor_operator(name: str, overload: str) -> bool:
    """A private operator may skip the checks that keep a kernel within its tensors, unless PyTorch calls it core.

    TorchScript's functions on strings, lists and files are under the same names and have no kernel.
    """
    qualified = f"aten::{name}" if overload == "default" else f"aten::{name}.{overload}"
    if name in _FILES or not torch._C._dispatch_has_kernel(qualified):
        return False
    if not name.startswith("_") or name in _HARMLESS_PRIVATE:
        return True
    return torch.Tag.core in getattr(getattr(torch.ops.aten, name), overload).tags
