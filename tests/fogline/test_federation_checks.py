"""A federation that cannot go well is refused before it is sent, by its field."""

from typing import Any

import pytest

from fogline.federation_checks import check
from shared.documents import decode, encode
from shared.documents.federation import Federation
from shared.errors import DocumentError

GIVEN: dict[str, Any] = {"name": "digits", "network": "lenet", "cluster": "platform"}


def federation(**fields: object) -> Federation:
    return decode(encode(GIVEN | fields), Federation)


def strategy(name: str, /, **parameters: object) -> dict[str, object]:
    return {"strategy": {"name": name, "parameters": parameters}}


THREE = {"participants": {"nodes": ["a", "b", "c"]}}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        strategy("fedasync", mixing=0.9, staleness={"kind": "hinge", "slope": 2, "tolerated": 1}),
        strategy("norm-bound", bound=3),
        strategy("krum", hostile=0) | THREE,
        THREE | {"rounds": {"updates": 3}},
        THREE | {"rounds": {"updates": 9, "quorum": 2, "deadline_s": 60}},
    ],
)
def test_a_sound_one_is_let_through(fields: dict[str, Any]) -> None:
    check(federation(**fields))


@pytest.mark.parametrize(
    ("fields", "field", "reason"),
    [
        (strategy("fedsgd"), "strategy.name", "there is no strategy 'fedsgd': fedadam,.* put --unchecked"),
        (strategy("fedavg", momentum=0.9), "strategy.parameters.momentum", "unknown field `momentum`"),
        (strategy("norm-bound"), "strategy.parameters.bound", "missing required field `bound`"),
        (strategy("fedavgm", momentum=1.5), "strategy.parameters.momentum", "< 1.0"),
        (strategy("fedavgm", learning_rate="0.1"), "strategy.parameters.learning_rate", "got `str`"),
        (strategy("fedavgm", name="krum"), "strategy.parameters.name", "krum"),
        (
            strategy("fedbuff", staleness={"kind": "polynomial", "exponent": -1}),
            "strategy.parameters.staleness.exponent",
            ">= 0",
        ),
        (strategy("krum", hostile=1) | THREE, "strategy", "takes 5 updates a round, .* names 3"),
        ({"rounds": {"updates": 2, "quorum": 3}}, "rounds.quorum", "more than the 2"),
        (THREE | {"rounds": {"updates": 4}}, "rounds.updates", "wait for 4 sites, .* names 3"),
        (THREE | {"rounds": {"updates": 4, "quorum": 4, "deadline_s": 9}}, "rounds.updates", "wait for 4 sites"),
    ],
)
def test_what_is_wrong_is_named_by_its_field(fields: dict[str, Any], field: str, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason) as caught:
        check(federation(**fields))
    assert caught.value.field == field
