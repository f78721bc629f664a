"""The experiment file: what is run, over which links, under which load, how often.

Places stand in a line, and clients sit at the first: `places` where they are given, otherwise `clients` where a link
names it, then the tiers in their order. What travels between two places crosses all the links between them; neighbours
without a link are as near as this machine allows.
"""

from enum import StrEnum
from typing import Annotated, Any, Literal

from msgspec import Meta

from shared.documents.deployment import Batching, Delivery, ExitPolicy, FeaturesEncoding, UplinkMode
from shared.documents.model import Precision
from shared.documents.types import ApiVersion, Count, Document, Name
from simulations.experiment.quantities import Bandwidth, Duration, Rate, Share

CLIENTS = "clients"


class Jitter(StrEnum):
    """How the added delay is drawn: `latency` is its mean, `jitter` its standard deviation, for `uniform` half of its
    range. `pareto` has the shape 3: the heaviest tail of a whole exponent that still has a standard deviation."""

    NORMAL = "normal"
    UNIFORM = "uniform"
    PARETO = "pareto"


class Link(Document, frozen=True, kw_only=True):
    """Between neighbouring places, the same both ways unless `bandwidth_down` says otherwise. Down is to the clients.

    A `preset` gives what is not said here. `latency` is one way. A lost segment shows as the stall until it is sent
    again, as TCP's users see it.
    """

    between: tuple[Name, Name]
    preset: Name | None = None
    latency: Duration | None = None
    jitter: Duration | None = None
    distribution: Jitter | None = None
    bandwidth: Bandwidth | None = None
    bandwidth_down: Bandwidth | None = None
    loss: Share | None = None

    @property
    def name(self) -> str:
        return "-".join(self.between)


class Tier(Document, frozen=True, kw_only=True):
    """One tier: a Kafka cluster of its own and agents that share its topic. `cpu` in cores, for each agent."""

    name: Name
    brokers: Literal[1, 3] = 1
    partitions: Count = 1
    replicas: Count = 1
    exit: ExitPolicy | None = None
    cpu: Annotated[float, Meta(gt=0, le=1024)] | None = None
    threads: Annotated[int, Meta(ge=1, le=64)] = 1
    precision: Precision = Precision.FLOAT32
    batching: Batching = Batching()
    features: FeaturesEncoding = FeaturesEncoding.U8
    uplink: UplinkMode = UplinkMode.WAIT


class Planted(Document, frozen=True, kw_only=True):
    """So much of all records leaves at each tier but the last, in the tiers' order.

    Records are chosen for it from a sample that says with `leaves`, `int[n]`, how many exits are unsure of each image.
    """

    shares: tuple[Share, ...]


class Network(Document, frozen=True, kw_only=True):
    """`example`: a folder with `manifest.json`, artifacts and `sample.npz`, the built-in Fashion-MNIST by default. Its
    tiers are the experiment's. `sample`: another file with `images` and `labels`. Relative paths count from the
    experiment file."""

    example: str | None = None
    sample: str | None = None
    planted: Planted | None = None


class Arrivals(StrEnum):
    """When records are due, whether or not earlier ones were answered.

    `burst`: each client's records all at once. `poisson`: at random, `rate` a client. `uniform`: evenly, `rate` a
    client, each from a moment of its own. `trace`: seconds in a file, one number a line, dealt to the clients in turn.
    """

    BURST = "burst"
    POISSON = "poisson"
    UNIFORM = "uniform"
    TRACE = "trace"


class Load(Document, frozen=True, kw_only=True):
    """What the clients send. Either `records` a client or a `duration`, warm-up included; a burst needs `records`.

    A relative path of a `trace` begins where the experiment file lies.
    What is due in the `warm_up` is sent and not counted. What is not answered `patience` after it was due is lost.
    """

    clients: Count = 1
    arrivals: Arrivals = Arrivals.POISSON
    rate: Rate | None = None
    records: Count | None = None
    duration: Duration | None = None
    warm_up: Duration = Duration(0)
    patience: Duration = Duration(60)
    trace: str | None = None


class FaultKind(StrEnum):
    """`kill` and `stop` end a program, `restart` starts it again; `pause` and `resume` are SIGSTOP and SIGCONT.

    `cut` and `mend` are for links, `slow` multiplies a link's latency by `factor`. `swap` moves the running deployment
    to another version of its network.
    """

    KILL = "kill"
    STOP = "stop"
    RESTART = "restart"
    PAUSE = "pause"
    RESUME = "resume"
    CUT = "cut"
    MEND = "mend"
    SLOW = "slow"
    SWAP = "swap"


class Fault(Document, frozen=True, kw_only=True):
    """At a moment after the load began. `on`: `agent:<tier>-<number>`, `broker:<tier>-<number>`, `link:<a>-<b>`,
    `control-plane` or `deployment`. Agents and brokers of a tier are numbered from 1."""

    at: Duration
    kind: FaultKind
    on: str
    factor: Annotated[float, Meta(gt=0, le=1e6)] = 1.0


class Sweep(Document, frozen=True, kw_only=True):
    """Cells: every combination of `grid`'s values, or the settings of `list` one after the other; where there are
    both, every combination of the grid for each entry of the list.

    A setting is a path into this file, such as `load.clients` or `tiers.edge.replicas`. Tiers and links go by their
    names, faults by their place from 0. An entry of the list may have a `name`, which is no setting: its cells are
    called so.
    """

    grid: dict[str, tuple[Any, ...]] = {}
    list: tuple[dict[str, Any], ...] = ()


class Sustained(Document, frozen=True, kw_only=True):
    """What a repetition must keep, of the records that count: the 99th percentile of the latency at most, lost records
    at most, and answers a second at least, a share of the records a second that were offered."""

    p99: Duration | None = None
    lost: Share | None = None
    throughput: Share | None = None


class Search(Document, frozen=True, kw_only=True):
    """In place of each cell of the sweep, the highest value of `setting` that most repetitions sustain.

    `setting` as in a sweep, a number with its unit or without; what is more than the highest is taken to fail too.
    It is known to `tolerance`, a share of itself. Values tried are cells of the results.
    """

    setting: str
    low: Any
    high: Any
    tolerance: Share = Share(0.1)
    sustained: Sustained


class Experiment(Document, frozen=True, kw_only=True):
    """`repetitions` of each cell, one after the other in turns, so that a noisy hour hits all of them alike."""

    api_version: ApiVersion
    kind: Literal["experiment"]
    name: Name
    title: str = ""
    seed: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 1
    repetitions: Annotated[int, Meta(ge=1, le=10_000)] = 5
    network: Network = Network()
    places: tuple[Name, ...] = ()
    tiers: Annotated[tuple[Tier, ...], Meta(min_length=1, max_length=15)]
    links: tuple[Link, ...] = ()
    load: Load = Load()
    delivery: Delivery = Delivery.AT_LEAST_ONCE
    faults: tuple[Fault, ...] = ()
    sweep: Sweep = Sweep()
    search: Search | None = None
