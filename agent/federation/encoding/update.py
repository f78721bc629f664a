"""What an update holds on its way: the encoded change, and behind it control variates where a strategy has them.

A tensor of the change never has a name with `control:`; those of control variates are the model's behind it.
"""

from agent.federation.encoding.encoding import Encoded, Encoding
from agent.federation.weights import Weights, require_like
from agent.federation.wire.tensors import from_bytes, to_bytes

CONTROL = "control:"


def packed(encoded: Encoded, control: Weights) -> bytes:
    """`control` travels as it is: whoever folds it adds it up over all rounds, and what is lost of it adds up too."""
    return to_bytes({**encoded, **{CONTROL + name: one for name, one in control.items()}})


def unpacked(raw: bytes, encoding: Encoding, model: Weights, *, controls: bool) -> tuple[Weights, Weights]:
    """The change and the control variates of anybody's bytes; no control variates unless `controls`.

    Raises UnlikeError unless both are of this model.
    """
    tensors = from_bytes(raw)
    change = {name: one for name, one in tensors.items() if not (controls and name.startswith(CONTROL))}
    control = {name.removeprefix(CONTROL): one for name, one in tensors.items() if name not in change}
    return encoding.decode(change, model), require_like(control, model) if controls else {}
