"""Where a network computes, and in how many bits; its weights stay float32."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.training.networks.torch_library import library
from shared.documents import Arithmetic
from shared.errors import UnavailableError

Tensor = Any
Function = Callable[..., Tensor]
Values = tuple[Any, ...]
Named = dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Computing:
    """`type`: what layers compute in, None: float32. `scaler`: for float16, where small gradients would be lost."""

    device: str
    type: Any
    scaler: Any

    @contextmanager
    def context(self) -> Iterator[None]:
        """Around what the module computes while it learns; it answers in float32, as it will when deployed."""
        if self.type is None:
            yield
            return
        with library().autocast(self.device, self.type), _exact_probabilities():
            yield

    def scale(self) -> NDArray[np.float64]:
        state = self.scaler.state_dict()
        return np.array([state[name] for name in ("scale", "_growth_tracker") if name in state], np.float64)

    def restore_scale(self, given: NDArray[np.float64]) -> None:
        state = self.scaler.state_dict()
        if state:
            scale, steps = given
            self.scaler.load_state_dict({**state, "scale": float(scale), "_growth_tracker": int(steps)})


def _exact_probabilities() -> AbstractContextManager[Any]:
    """Seven bits hold no probability: autocast leaves softmax to float32 on a GPU alone, and sigmoid nowhere."""
    torch = library()
    functional, tensor = torch.nn.functional, torch.Tensor
    exact = {torch.softmax, functional.softmax, tensor.softmax, torch.sigmoid, functional.sigmoid, tensor.sigmoid}

    def called(_mode: object, function: Function, _types: object, given: Values = (), named: Named = None) -> Tensor:
        if function in exact and given:
            given = (given[0].float(), *given[1:])
        return function(*given, **(named or {}))

    mode: AbstractContextManager[Any] = type(
        "ExactProbabilities", (torch.overrides.TorchFunctionMode,), {"__torch_function__": called}
    )()
    return mode


def computing(arithmetic: Arithmetic) -> Computing:
    """Raises UnavailableError where it would be slower and no better."""
    torch = library()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if arithmetic is Arithmetic.MIXED_FLOAT16 and device == "cpu":
        raise UnavailableError(
            "mixed_float16 is for a GPU, and PyTorch finds none on this node: ask for float32 here, or for a node that "
            "has one; mixed_bfloat16 computes anywhere"
        )
    types = {Arithmetic.MIXED_FLOAT16: torch.float16, Arithmetic.MIXED_BFLOAT16: torch.bfloat16}
    scaler = torch.amp.GradScaler(device, enabled=arithmetic is Arithmetic.MIXED_FLOAT16)
    return Computing(device=device, type=types.get(arithmetic), scaler=scaler)
