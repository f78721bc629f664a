"""The clients of one run, in a process of their own: an open loop, so an answer that is late holds nothing back.

    python -m simulations.running.clients SETTINGS.json

With `-` in place of a file its name is read from the first line of stdin, so that starting takes no time once there is
something to send. Prints `{"began_us": ...}` when the load begins, and ends when everything is answered or the patience
is over. Then the file `results` is there.
"""

import sys
from pathlib import Path

import msgspec

from shared.documents import Cluster, Message
from shared.errors import FoglineError
from shared.record.prediction import Prediction
from simulations.links.promptness import be_prompt

FROM_STDIN = "-"


class Answers(Message, frozen=True, kw_only=True):
    """Where one tier's answers and dead letters are read."""

    cluster: Cluster
    answers_topic: str
    dead_letter_topic: str


class ClientsSettings(Message, frozen=True, kw_only=True):
    """`due_s`: when each record of each client is due, in seconds after the load's begin; `images`: which of the sample
    it holds. `results`: where to write."""

    cluster: Cluster
    topic: str
    answers: tuple[Answers, ...]
    sample: str
    due_s: tuple[tuple[float, ...], ...]
    images: tuple[tuple[int, ...], ...]
    warm_up_s: float
    patience_s: float
    seed: int
    results: str


class Began(msgspec.Struct, frozen=True):
    """Printed when the load begins."""

    began_us: int


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One record as the clients saw it; times in microseconds of the monotonic clock.

    `sent_us` of a record that its stalled client never sent is when the clients gave up.
    """

    client: int
    number: int
    id: str
    due_us: int
    sent_us: int
    acked_us: int | None
    answered_us: int | None
    warm_up: bool
    label: int | None
    answers: int
    dead_letter: str | None
    prediction: Prediction | None


def main(argument: str) -> int:
    # First of all, as what is imported takes half a second of a processor that others want too.
    be_prompt()
    from simulations.running import open_loop

    try:
        open_loop.carry_out(Path(sys.stdin.readline().strip() if argument == FROM_STDIN else argument))
    except FoglineError as error:
        sys.stderr.write(f"clients: {error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
