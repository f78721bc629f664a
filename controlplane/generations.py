"""What to do when a node has seen another generation than is stored here."""

from enum import Enum, auto

from sqlmodel import Session

from controlplane.store import events, nodes
from controlplane.store.events import Happened
from controlplane.store.nodes import StoredNode
from controlplane.watchers import Board, Posting


class Standing(Enum):
    """`ADOPTED`: the control plane goes on above the node's number. `UNCONFIRMED`: an operator must say so first."""

    IN_STEP = auto()
    ADOPTED = auto()
    UNCONFIRMED = auto()


def judge(node: StoredNode, seen: int, *, is_newcomer: bool) -> Standing:
    """`seen` above the stored number means that this database is an older copy of the one that gave it.

    Not so for a newcomer, a node that this very process has enrolled: it brings its number from an earlier life, and
    the operator who made its token has accepted it. Pure.
    """
    if node.needs_confirmation:
        return Standing.UNCONFIRMED
    if seen <= node.generation:
        return Standing.IN_STEP
    return Standing.ADOPTED if is_newcomer else Standing.UNCONFIRMED


def write_down(session: Session, node: StoredNode, seen: int, standing: Standing, *, now: float) -> None:
    if standing is Standing.ADOPTED:
        nodes.go_on_from(session, node.name, seen)
    elif standing is Standing.UNCONFIRMED and not node.needs_confirmation:
        nodes.ask_for_confirmation(session, node.name, seen)
        detail = {"stored": node.generation, "highest": seen}
        events.add(session, [Happened("confirmation_needed", f"node/{node.name}", detail)], now=now)


def show(board: Board, node: str, seen: int, standing: Standing) -> None:
    """After it was committed: what the node's streams may send from now on."""
    if standing is Standing.ADOPTED:
        board.post([Posting(node=node, generation=seen, revisions=())], {})
    elif standing is Standing.UNCONFIRMED:
        board.withhold(node)
