"""A pull on the weights of a PyTorch network, as a term of its loss."""

from collections.abc import Callable, Mapping
from typing import Any

from agent.training.fitting.pull import Pull
from agent.training.networks.torch_library import library

Tensor = Any


def pulled(learning: Mapping[str, Tensor], pull: Pull | None, device: Any) -> Callable[[], Tensor]:  # noqa: ANN401
    """What is added to the loss, as the weights are when it is called. Raises ModelError."""
    if pull is None:
        return lambda: 0.0
    torch = library()
    shapes = {name: tuple(one.shape) for name, one in learning.items()}
    starts, pushes = (
        [(learning[name], torch.from_numpy(array).to(device)) for name, array in arrays.items()]
        for arrays in (pull.starts(shapes), pull.pushes(shapes))
    )

    def term() -> Tensor:
        near = sum((one - start).square().sum() for one, start in starts)
        along = sum((one * push).sum() for one, push in pushes)
        return pull.proximal / 2 * near + along

    return term
