"""What an encoding lost of one update is added to the next: in the end everything arrives.

Karimireddy, Rebjock, Stich and Jaggi, Error Feedback Fixes SignSGD and other Gradient Compression Schemes, ICML 2019
(arXiv 1901.09847), algorithm 2.
"""

from agent.federation.encoding.encoding import Encoded, Encoding
from agent.federation.weights import Weights


def encoded(encoding: Encoding, change: Weights, lost: Weights) -> tuple[Encoded, Weights]:
    """What travels, and what it leaves for the next time. `lost`: of the times before, like the change; at first empty.

    What was lost belongs to a participant: whoever loses it, in a crash, loses that much of its learning, and no more.
    """
    whole = {name: one + lost[name] if name in lost else one for name, one in change.items()}
    sent = encoding.encode(whole)
    arrived = encoding.decode(sent, change)
    return sent, {name: whole[name] - arrived[name] for name in whole}
