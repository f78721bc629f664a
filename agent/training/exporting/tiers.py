"""Which tier runs what of a network. Pure."""

from itertools import pairwise

import msgspec

from shared.documents import Description, Export
from shared.documents.training import TierCut
from shared.documents.types import Name
from shared.errors import DocumentError, ModelError

# What the answers of exits are left behind with: `fogline models exits` reads both from one file.
RESERVED = "labels"


def settled(export: Export, network: Description) -> tuple[TierCut, ...]:
    """As asked for; else a tier for each exit, cut where its head hangs.

    Raises ModelError for a name that no tier can have, DocumentError for cuts and exits that the network does not have.
    """
    tiers = export.tiers or tuple(TierCut(tier=one.name, cut=one.cut, exit=one.name) for one in network.exits)
    for one in tiers:
        _require_name(one, is_made_up=not export.tiers)
    if export.tiers:
        _require_known(tiers, network)
        _require_order(tiers, network)
    return tiers


def _require_name(tier: TierCut, *, is_made_up: bool) -> None:
    try:
        msgspec.convert(tier.tier, Name)
    except msgspec.ValidationError as error:
        remedy = "rename the exit, or name the tiers in `export.tiers`" if is_made_up else "choose another name"
        raise ModelError(
            f"no tier can be called {tier.tier!r}: lower-case letters, digits and inner hyphens, at most 63; {remedy}"
        ) from error
    if tier.tier == RESERVED:
        raise ModelError(f"no tier can be called {RESERVED!r}: what answers are left behind with is called so")


def _require_known(tiers: tuple[TierCut, ...], network: Description) -> None:
    cuts = [cut.name for cut in network.cuts]
    exits = [exit.name for exit in network.exits]
    for number, one in enumerate(tiers):
        if one.cut is not None and one.cut not in cuts:
            raise _wrong(f"the network cannot be cut after {one.cut!r}: {_have(cuts)}", f"[{number}].cut")
        if one.exit is not None and one.exit not in exits:
            raise _wrong(f"the network has no exit {one.exit!r}: {_have(exits)}", f"[{number}].exit")


def _require_order(tiers: tuple[TierCut, ...], network: Description) -> None:
    order = [cut.name for cut in network.cuts]
    places = [order.index(one.cut) for one in tiers if one.cut is not None]
    for number, (lower, upper) in enumerate(pairwise(places), 1):
        if lower >= upper:
            raise _wrong(
                f"{order[upper]!r} does not lie above {order[lower]!r}: name the tiers from the sensor up",
                f"[{number}].cut",
            )


def _have(names: list[str]) -> str:
    return f"it has {', '.join(map(repr, names))}" if names else "it has none"


def _wrong(reason: str, where: str) -> DocumentError:
    return DocumentError(reason, field=f"export.tiers{where}")
