"""What tells the cells of the paper's experiments apart, and what was measured in each."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from shared.documents.deployment import FeaturesEncoding
from simulations.experiment.document import Experiment, Link
from simulations.measurement.estimators import Estimator


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """`tiers` in their order. What tiers may differ in is the set of their values. `features`, `thresholds` and
    `shares` are those of all tiers but the last."""

    tiers: tuple[str, ...]
    clients: int
    replicas: frozenset[int]
    partitions: frozenset[int]
    brokers: frozenset[int]
    batches: frozenset[int]
    features: frozenset[FeaturesEncoding]
    thresholds: tuple[float, ...]
    shares: tuple[float, ...]
    links: tuple[Link, ...]
    has_faults: bool

    @classmethod
    def of(cls, cell: Experiment) -> "Setup":
        tiers = cell.tiers
        return cls(
            tiers=tuple(tier.name for tier in tiers),
            clients=cell.load.clients,
            replicas=frozenset(tier.replicas for tier in tiers),
            partitions=frozenset(tier.partitions for tier in tiers),
            brokers=frozenset(tier.brokers for tier in tiers),
            batches=frozenset(tier.batching.max_records for tier in tiers),
            features=frozenset(tier.features for tier in tiers[:-1]),
            thresholds=tuple(1.0 if tier.exit is None else tier.exit.threshold for tier in tiers[:-1]),
            shares=() if cell.network.planted is None else tuple(map(float, cell.network.planted.shares)),
            links=cell.links,
            has_faults=bool(cell.faults),
        )

    @property
    def is_cloud_only(self) -> bool:
        return len(self.tiers) == 1

    def in_cloud_only(self) -> "Setup":
        """The same with nothing below the last tier."""
        return replace(self, tiers=self.tiers[-1:], features=frozenset(), thresholds=(), shares=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One cell: `label` as people call it, the measures by their names."""

    label: str
    setup: Setup
    measures: Mapping[str, Estimator]


def label(name: str, cell: Experiment) -> str:
    clients = cell.load.clients
    said = name or ", ".join(tier.name for tier in cell.tiers)
    return f"{said}; {clients} client{'' if clients == 1 else 's'}"
