"""One row of each table of a run. Columns that end in `_us` are microseconds of this machine's monotonic clock."""

import msgspec


class Row(msgspec.Struct, frozen=True, kw_only=True):
    cell: int
    repetition: int


class RecordRow(Row, frozen=True, kw_only=True, rename={"class_": "class"}):
    """One record that a client sent. `due_us` is when it should have been sent, whatever the client was doing then.

    Without `answered_us` and without `dead_letter`, its reason, the record is lost. `answers` counts all of them; the
    first one fills the columns, `version` that of the model. `warm_up`: sent and not measured.
    """

    client: int
    number: int
    id: str
    due_us: int
    sent_us: int
    acked_us: int | None = None
    answered_us: int | None = None
    warm_up: bool = False
    tier: str | None = None
    version: int | None = None
    class_: int | None = None
    label: int | None = None
    confidence: float | None = None
    degraded: bool = False
    answers: int = 0
    dead_letter: str | None = None


class HopRow(Row, frozen=True, kw_only=True):
    """One tier that a record passed: taken from the log, inferred, handed to the producer.

    `hop` counts from the clients, beginning anywhere.
    `acked_us`, where it is known: the next tier's broker has it.
    """

    id: str
    hop: int
    tier: str
    node: str
    received_us: int
    inferred_us: int
    sent_us: int
    acked_us: int | None = None


class LinkRow(Row, frozen=True, kw_only=True):
    """What the shaper did in one direction of one link; `error`: how much later than due it let bytes go."""

    link: str
    direction: str
    bytes: int
    chunks: int
    stalls: int
    error_p50_us: float
    error_p99_us: float


class ResourceRow(Row, frozen=True, kw_only=True):
    """A look at one program. `cpu_s` is what its process has used, and begins anew with a new process."""

    at_us: int
    program: str
    cpu_s: float
    rss_bytes: int


class LagRow(Row, frozen=True, kw_only=True):
    """Records sent to a tier that its agents have not yet taken: those in its log, and those still on a link to it."""

    at_us: int
    tier: str
    records: int
