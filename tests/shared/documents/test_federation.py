"""A federation that promises what it cannot keep is refused."""

import json
from typing import Any

import pytest

from shared.documents import decode
from shared.documents.federation import Federation
from shared.errors import DocumentError

GIVEN: dict[str, Any] = {"name": "digits", "network": "lenet", "cluster": "platform"}
NOISE = {"norm": 1.0, "noise": 0.8}
AT_SITE = NOISE | {"at": "site"}


def federation(**fields: object) -> Federation:
    return decode(json.dumps(GIVEN | fields), Federation)


def strategy(name: str, **parameters: object) -> dict[str, object]:
    return {"name": name, "parameters": parameters}


def test_an_update_is_one_epoch_unless_it_is_to_be_more() -> None:
    assert federation().parameters.epochs == 1
    assert federation(parameters={"batch": 32}).parameters.epochs == 1
    assert federation(parameters={"epochs": 3}).parameters.epochs == 3


@pytest.mark.parametrize("privacy", [{"norm": 1.0}, NOISE, AT_SITE])
@pytest.mark.parametrize("name", ["fedavg", "fedprox", "fedasync", "fedbuff", "norm-bound", "running-average"])
def test_means_of_changes_go_with_any_privacy(name: str, privacy: dict[str, object]) -> None:
    assert federation(strategy=strategy(name), privacy=privacy).privacy


@pytest.mark.parametrize("name", ["fedavgm", "fedadam", "fedyogi", "fednova", "mifa", "median", "krum", "my-own"])
def test_whatever_else_is_made_of_changes_is_noised_at_the_site(name: str) -> None:
    """Momentum, for one, would bring a change back in every later round, and only the first is accounted for."""
    assert federation(strategy=strategy(name), privacy=AT_SITE)
    assert federation(strategy=strategy(name), privacy={"norm": 1.0})
    with pytest.raises(DocumentError, match=f"`privacy.at` coordinator .* and {name} makes something else"):
        federation(strategy=strategy(name), privacy=NOISE)


def test_a_step_longer_than_the_mean_is_noised_at_the_site() -> None:
    longer = strategy("fedbuff", learning_rate=1.5)
    assert federation(strategy=longer, privacy=AT_SITE)
    assert federation(strategy=strategy("fedbuff", learning_rate=0.5), privacy=NOISE)
    with pytest.raises(DocumentError, match=r"`strategy.parameters.learning_rate` 1\.5 makes changes longer"):
        federation(strategy=longer, privacy=NOISE)


def test_control_variates_leave_a_site_as_they_are() -> None:
    for privacy in ({"norm": 1.0}, NOISE, AT_SITE):
        with pytest.raises(DocumentError, match="scaffold, whose control variates"):
            federation(strategy=strategy("scaffold", participants=3), privacy=privacy)
    assert federation(strategy=strategy("scaffold", participants=3))


def test_a_metric_that_nobody_measures_ends_nothing() -> None:
    target = {"target": {"metric": "cloud/accuracy", "value": 0.9}}
    with pytest.raises(DocumentError, match="name the stream of `evaluation`"):
        federation(stop=target)
    assert federation(stop=target, evaluation={"number": 7})
