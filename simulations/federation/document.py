"""An experiment with a federation: what its file says.

name = "dirichlet"
sites = 10
seeds = [1, 2, 3]
data = { split = { kind = "dirichlet", concentration = 0.5 } }
training = { steps = 4, batch = 64, optimiser = { name = "sgd", learning_rate = 0.05 } }
strategy = { name = "fedbuff" }
rounds = { updates = 5 }
stop = { rounds = 1000 }
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from shared.documents.federation import Rounds, Stop, StrategyChoice, UpdateEncoding
from shared.documents.parameters import Optimiser, OptimiserName
from shared.documents.types import Count, Document, Name
from simulations.experiment.quantities import Bandwidth, Duration, Share

Seed = Annotated[int, Meta(ge=0, le=2**32 - 1)]


class Dirichlet(Document, frozen=True, kw_only=True, tag_field="kind", tag="dirichlet"):
    """Of each class, shares drawn from Dirichlet(`concentration`); every site has `least` records."""

    concentration: Annotated[float, Meta(gt=0, le=1e6)] = 0.5
    least: Count = 10


class FewClasses(Document, frozen=True, kw_only=True, tag_field="kind", tag="few-classes"):
    """Each site has records of so many `classes`."""

    classes: Count


class Evenly(Document, frozen=True, kw_only=True, tag_field="kind", tag="evenly"):
    """By lot, and as many for each."""


Split = Dirichlet | FewClasses | Evenly


class Data(Document, frozen=True, kw_only=True):
    """`records`, `tests`: only the first so many of each part. `train`, `test`: .npz files with `images` and `labels`;
    null: Fashion-MNIST. `seed`: of the split, null: the run's own.
    """

    split: Split = Evenly()
    seed: Seed | None = None
    records: Count | None = None
    tests: Count | None = None
    train: str | None = None
    test: str | None = None

    def __post_init__(self) -> None:
        if (self.train is None) != (self.test is None):
            raise ValueError("`train` and `test` are two parts of one data set: name both, or neither")


class LocalTraining(Document, frozen=True, kw_only=True):
    """What one update costs a site: `steps` of its optimiser, each update going on in the data where the one before it
    ended, or `epochs` where null. The optimiser begins anew with each update.
    """

    epochs: Count = 1
    steps: Count | None = None
    batch: Count = 64
    optimiser: Optimiser = Optimiser(name=OptimiserName.SGD, learning_rate=0.05, momentum=0.0)


class Normal(Document, frozen=True, kw_only=True, tag_field="kind", tag="normal"):
    """Sites have one of `means` each, in turn; each update takes N(its mean, `deviation` of it), but at the `least` so
    long, and `constant` on top.
    """

    means: Annotated[tuple[Duration, ...], Meta(min_length=1, max_length=1000)]
    deviation: Share = Share(0)
    constant: Duration = Duration(0)
    least: Duration = Duration(1)


class Uniform(Document, frozen=True, kw_only=True, tag_field="kind", tag="uniform"):
    """Each site has a mean time of its own, anything from `least` to `most`; each update takes up to `varies` more or
    less.
    """

    least: Duration
    most: Duration
    varies: Share = Share(0)


Speeds = Normal | Uniform


class Link(Document, frozen=True, kw_only=True):
    """What a model and an update take on their way; null: no time."""

    up: Bandwidth | None = None
    down: Bandwidth | None = None


class Leaving(Document, frozen=True, kw_only=True):
    """The last so many sites are heard of no more after so many updates."""

    sites: Count
    updates: Count


class Joining(Document, frozen=True, kw_only=True):
    """The first so many sites begin later."""

    sites: Count
    after: Duration


class Absence(Document, frozen=True, kw_only=True):
    """`crashes`: the share of attempts at an update that come to nothing; the site then begins anew, and what was spent
    on it is lost.
    """

    crashes: Share = Share(0)
    leaving: Leaving | None = None
    joining: Joining | None = None

    def __post_init__(self) -> None:
        if self.crashes >= 1:
            raise ValueError("`crashes` of 100 % leave no update that ever arrives")


class Attack(StrEnum):
    """`sign-flip`: the change, backwards. `scale`: a hundred times it. `label-flip`: trained on each class named as the
    one opposite. `nan`: no numbers.
    """

    SIGN_FLIP = "sign-flip"
    SCALE = "scale"
    LABEL_FLIP = "label-flip"
    NAN = "nan"


class Hostile(Document, frozen=True, kw_only=True):
    """Which sites are, is drawn by the run's seed."""

    sites: Count
    attack: Attack


def site_name(number: int) -> str:
    """`number`: from 0 on."""
    return f"site-{number + 1}"


class FederationExperiment(Document, frozen=True, kw_only=True):
    """`network`: a PyTorch network's file as `fogline networks put` takes it; null: the LeNet of
    simulations/federation/lenet.py. `judge_every`: so many models the newest is tried on the test records, and at the
    end; which models are made does not depend on it unless `stop` asks for a metric.
    """

    name: Name
    sites: Count
    seeds: Annotated[tuple[Seed, ...], Meta(min_length=1, max_length=100)] = (1,)
    network: str | None = None
    data: Data = Data()
    training: LocalTraining = LocalTraining()
    strategy: StrategyChoice = StrategyChoice()
    rounds: Rounds = Rounds()
    stop: Stop = Stop()
    speeds: Speeds = Uniform(least=Duration(50), most=Duration(200), varies=Share(0.2))
    link: Link = Link()
    absence: Absence = Absence()
    hostile: Hostile | None = None
    encoding: UpdateEncoding = UpdateEncoding()
    judge_every: Count = 1

    def __post_init__(self) -> None:
        if self.hostile is not None and self.hostile.sites >= self.sites:
            raise ValueError("`hostile.sites` leaves no honest one")
        for name, part in (("leaving", self.absence.leaving), ("joining", self.absence.joining)):
            if part is not None and part.sites > self.sites:
                raise ValueError(f"`absence.{name}.sites` is more than there are")
