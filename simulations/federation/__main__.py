"""`python -m simulations.federation FILE SEED THREADS`: one run, said on stdout line by line as it goes on.

A program, because a run takes PyTorch, whose threads are a process's own, and runs of several seeds go side by side.
"""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from time import monotonic

from shared.documents import encode
from shared.ending import end
from shared.errors import DocumentError, FoglineError
from simulations.federation.read import load
from simulations.federation.said import Failed, Finished, Going

_EVERY_S = 0.2
_READER_GONE = 1


def main(given: Sequence[str]) -> int:
    file, seed, threads = Path(given[0]), int(given[1]), int(given[2])
    # Whoever started it ends it; Ctrl-C reaches both, and one of them is to speak.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        found = load(file)
        from simulations.federation.one_seed import run

        outcome = run(found.experiment, found.folder, seed, threads=threads, told=_Told())
    except FoglineError as error:
        field = error.field if isinstance(error, DocumentError) else ""
        reason = error.reason if isinstance(error, DocumentError) else str(error)
        _say(Failed(reason=reason, field=field, exit_code=error.exit_code))
        return error.exit_code
    except BrokenPipeError:
        # Whoever asked has been killed, and nothing more may be written, not even at exit.
        os._exit(_READER_GONE)
    _say(Finished(outcome=outcome))
    return 0


class _Told:
    """Now and then, and of every model that was judged."""

    def __init__(self) -> None:
        self._next, self._accuracy = 0.0, -1.0

    def __call__(self, going: Going) -> None:
        if going.accuracy == self._accuracy and monotonic() < self._next:
            return
        self._next, self._accuracy = monotonic() + _EVERY_S, going.accuracy if going.accuracy is not None else -1.0
        _say(going)


def _say(one: Going | Finished | Failed) -> None:
    sys.stdout.buffer.write(encode(one) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    end(main(sys.argv[1:]))
