"""What a real federation is told that is to do as an experiment says. Pure."""

from shared.documents import ArtifactFormat
from shared.documents.federation import Evaluation, Federation, Invited, UpdateParameters
from shared.documents.parameters import Rates
from shared.documents.training import Export, ExportForm
from shared.errors import DocumentError
from simulations.federation.document import FederationExperiment, site_name
from simulations.federation.real_sites import PLATFORM, ROLE

EVALUATION = 1


def site_names(experiment: FederationExperiment) -> tuple[str, ...]:
    return tuple(map(site_name, range(experiment.sites)))


def document(experiment: FederationExperiment, seed: int) -> Federation:
    """Of sites that learn all they have and judge nothing, as simulated ones do. Raises DocumentError."""
    _require_possible(experiment)
    given = experiment.training
    return Federation(
        name=experiment.name,
        network=experiment.name,
        cluster=PLATFORM,
        participants=Invited(selector=ROLE),
        strategy=experiment.strategy,
        rounds=experiment.rounds,
        stop=experiment.stop,
        parameters=UpdateParameters(epochs=given.epochs, batch=given.batch, optimiser=given.optimiser, seed=seed),
        rates=Rates(validation=0.0, test=0.0),
        encoding=experiment.encoding,
        evaluation=Evaluation(number=EVALUATION),
        export=Export(forms=(ExportForm(format=ArtifactFormat.TORCH),)),
        threads=1,
    )


def _require_possible(experiment: FederationExperiment) -> None:
    if experiment.training.steps is not None:
        raise DocumentError("real sites learn whole epochs: name `epochs` instead", field="training.steps")
    if experiment.hostile is not None:
        raise DocumentError("real sites are honest: leave it out", field="hostile")
    if experiment.absence.crashes:
        raise DocumentError("real sites crash when they are killed: leave it out", field="absence.crashes")
