"""A user's network in its framework: what the rest of training asks of it."""

from typing import Any, NamedTuple, Protocol

from numpy.typing import NDArray

from shared.documents import Description


class Network(Protocol):
    """A user's network in its framework: what the rest of training asks of it."""

    @property
    def exits(self) -> tuple[str, ...]:
        """From the sensor up; the last one is the whole network's answer."""
        ...

    def described(self) -> Description: ...

    def weights(self) -> dict[str, NDArray[Any]]:
        """Copies, by name, of all that answers depend on."""
        ...


class Link(NamedTuple):
    """One file of a chain, and what its function `network()` returned. `place`: file and line of that function."""

    tier: str
    place: str
    returned: object
