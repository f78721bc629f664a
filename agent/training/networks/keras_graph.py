"""The layers of a functional Keras model as a graph of tensors, one entry each, in the order in which they are made."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from agent.training.cutting.severing import Layer

# A KerasTensor: it knows the operation that made it, in which of its calls, and which of the results it is.
Tensor = Any
_Key = tuple[int, int, int]


class Made(NamedTuple):
    """`layer.name` is the operation's; of its second call or result, and so on, with its number behind a colon."""

    layer: Layer
    operation: Any
    tensor: Tensor


class Graph:
    def __init__(self, outputs: Sequence[Tensor]) -> None:
        self.made: list[Made] = []
        self._names: dict[_Key, str] = {}
        self._calls: Counter[str] = Counter()
        for output in outputs:
            self._walk(output)

    @property
    def layers(self) -> list[Layer]:
        return [one.layer for one in self.made]

    def name(self, tensor: Tensor) -> str:
        return self._names[_key(tensor)]

    def _walk(self, output: Tensor) -> None:
        """Depth first, without recursion: networks are deeper than Python's stack."""
        waiting = [output]
        while waiting:
            tensor = waiting[-1]
            missing = [one for one in sources(tensor) if _key(one) not in self._names]
            if not missing:
                self._add(waiting.pop())
            waiting += reversed(missing)

    def _add(self, tensor: Tensor) -> None:
        if _key(tensor) in self._names:
            return
        operation = tensor._keras_history.operation
        calls = self._calls[operation.name]
        self._calls[operation.name] += 1
        name = f"{operation.name}:{calls}" if calls else operation.name
        self._names[_key(tensor)] = name
        self.made.append(Made(Layer(name, tuple(map(self.name, sources(tensor)))), operation, tensor))


def _key(tensor: Tensor) -> _Key:
    operation, call, result = tensor._keras_history
    return id(operation), call, result


def sources(tensor: Tensor) -> list[Tensor]:
    """What it was made from."""
    operation, call, _ = tensor._keras_history
    return list(operation._inbound_nodes[call].input_tensors)
