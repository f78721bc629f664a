"""What is wrong with a federation, as far as can be told before anybody is asked."""

import re

import msgspec

from shared.documents.codec import document_error
from shared.documents.federation import Federation
from shared.errors import DocumentError, SettingsError

_NAMED = re.compile(r"(?:required|unknown) field `(\w+)`")


def check(federation: Federation) -> None:
    """Raises DocumentError naming the field: of a strategy that nobody has, a parameter that it does not take, a round
    that can never end.

    A strategy of somebody's own must be installed here to be known.
    """
    least = _least(federation)
    sites, rounds = len(federation.participants.nodes), federation.rounds
    if rounds.quorum > rounds.updates:
        raise DocumentError(
            f"{rounds.quorum} is more than the {rounds.updates} updates that end a round", field="rounds.quorum"
        )
    if sites and least > sites:
        raise DocumentError(
            f"{federation.strategy.name} takes {least} updates a round, each of another site, and participants.nodes "
            f"names {sites}: invite more, or take another strategy",
            field="strategy",
        )
    if sites and rounds.updates > sites and (rounds.deadline_s is None or rounds.quorum > sites):
        raise DocumentError(
            f"a round would wait for {rounds.updates} sites, and participants.nodes names {sites}: ask for fewer, or "
            "give the round a deadline_s and a quorum",
            field="rounds.updates",
        )


def _least(federation: Federation) -> int:
    """So many updates its strategy takes to make a step."""
    # Brings numpy: only who puts a federation pays for it.
    from agent.federation.aggregation.strategies import strategy

    choice = federation.strategy
    try:
        return strategy(choice.name, choice.parameters).least
    except SettingsError as error:
        if isinstance(error.__cause__, msgspec.ValidationError):
            raise _parameter_error(choice.name, error.__cause__) from error
        reason = str(error).removeprefix("strategy.name: ")
        raise DocumentError(
            f"{reason}; one of your own must be installed here, or be put --unchecked", field="strategy.name"
        ) from error


def _parameter_error(name: str, error: msgspec.ValidationError) -> DocumentError:
    found = document_error(str(error))
    field = found.field or "".join(_NAMED.findall(found.reason)[:1])
    return DocumentError(
        f"{found.reason}: docs/federation.md says what {name} takes", field=f"strategy.parameters.{field}".rstrip(".")
    )
