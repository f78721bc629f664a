"""Runs an exported program step by step, as its graph says, with PyTorch's own operators."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

Value = Any  # a tensor, a number, or what an operator takes beside them


class Slot(int):
    """Where in the list of values an argument is found, or a result put."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One operator. `outputs`: a slot, a tuple of slots for a list of results, None for a result nobody reads."""

    call: Callable[..., Value]
    positional: tuple[Value, ...]
    keyword: Mapping[str, Value]
    outputs: tuple[Slot | tuple[Slot, ...] | None, ...]
    last_uses: tuple[Slot, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """`values` holds the weights, and None where the batch or a step will put something."""

    values: tuple[Value, ...]
    input: Slot
    steps: tuple[Step, ...]
    outputs: Mapping[str, Slot]

    def run(self, batch: torch.Tensor) -> dict[str, torch.Tensor]:
        values = list(self.values)
        values[self.input] = batch
        for step in self.steps:
            positional = [_filled(one, values) for one in step.positional]
            keyword = {name: _filled(one, values) for name, one in step.keyword.items()}
            _put(step.outputs, step.call(*positional, **keyword), values)
            for slot in step.last_uses:
                values[slot] = None
        return {name: values[slot] for name, slot in self.outputs.items()}


def _filled(argument: Value, values: list[Value]) -> Value:
    if type(argument) is Slot:
        return values[argument]
    if type(argument) is list:
        return [_filled(one, values) for one in argument]
    return argument


def _put(slots: Sequence[Slot | tuple[Slot, ...] | None], result: Value, values: list[Value]) -> None:
    if not slots:
        return
    results = [result] if len(slots) == 1 else result
    for slot, one in zip(slots, results, strict=True):
        if isinstance(slot, tuple):
            for inner, part in zip(slot, one, strict=True):
                values[inner] = part
        elif slot is not None:
            values[slot] = one


def freeing(steps: Sequence[Step], kept: frozenset[Slot]) -> tuple[Step, ...]:
    """The same steps, each letting go of what no later one reads, so a batch takes the memory of its widest layer."""
    still_read = set(kept)
    freed: list[Step] = []
    for step in reversed(steps):
        touched = {*_slots(step.positional), *_slots(tuple(step.keyword.values())), *_slots(step.outputs)}
        freed.append(replace(step, last_uses=tuple(sorted(touched - still_read))))
        still_read |= touched
    return tuple(reversed(freed))


def _slots(values: Sequence[Value]) -> Iterator[Slot]:
    for value in values:
        if type(value) is Slot:
            yield value
        elif type(value) in (list, tuple):
            yield from _slots(value)
