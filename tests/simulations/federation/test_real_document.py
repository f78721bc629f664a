"""What a real federation is told that is to do as an experiment says, and what only simulated sites can do."""

import pytest
from msgspec.structs import replace

from shared.documents import decode, encode
from shared.documents.federation import Federation
from shared.errors import DocumentError
from simulations.experiment.quantities import Share
from simulations.federation.document import Absence, Attack, FederationExperiment, Hostile, LocalTraining
from simulations.federation.read import parse
from simulations.federation.real_document import document, site_names
from tests.simulations.federation.written import TEXT

POSSIBLE = replace(parse(TEXT), training=LocalTraining(epochs=3, batch=10))


def test_what_the_file_says_is_what_is_asked() -> None:
    made = document(POSSIBLE, 7)
    assert decode(encode(made), Federation) == made
    assert (made.strategy, made.rounds, made.stop) == (POSSIBLE.strategy, POSSIBLE.rounds, POSSIBLE.stop)
    assert (made.parameters.epochs, made.parameters.batch, made.parameters.seed) == (3, 10, 7)
    assert made.parameters.optimiser == POSSIBLE.training.optimiser


def test_a_site_learns_all_that_it_was_dealt() -> None:
    rates = document(POSSIBLE, 1).rates
    assert rates is not None
    assert rates.shares == (1.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        (replace(POSSIBLE, training=LocalTraining(steps=2)), "training.steps"),
        (replace(POSSIBLE, hostile=Hostile(sites=1, attack=Attack.NAN)), "hostile"),
        (replace(POSSIBLE, absence=Absence(crashes=Share(0.1))), "absence.crashes"),
    ],
)
def test_what_only_simulated_sites_do_is_refused_by_its_field(changed: FederationExperiment, field: str) -> None:
    with pytest.raises(DocumentError) as raised:
        document(changed, 1)
    assert raised.value.field == field


def test_sites_are_called_as_the_simulated_ones_are() -> None:
    assert site_names(POSSIBLE) == ("site-1", "site-2", "site-3", "site-4")
