"""The judging process, seen from the coordinator: asked one thing at a time, begun again when it has died."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from agent.federation.judging.words import (
    INITIAL,
    JUDGED,
    AnyQuestion,
    Begin,
    Conclude,
    Judge,
    Judged,
    Said,
)
from agent.federation.weights import UnlikeError, Weights, require_like
from agent.federation.wire.tensors import from_bytes, to_bytes
from agent.training.events import Noticed
from agent.training.running.confined import Confined
from agent.training.running.harvest import own_file
from agent.training.running.limits import Limits
from agent.training.running.outcome import CrashedError, HopelessError, require_well
from shared.errors import FoglineError
from shared.storage import replace_file, storage_errors

_ARGUMENTS = ("-m", "agent.federation.judging", ".")
MOST_CRASHES = 3
_encoder = msgspec.json.Encoder()


@dataclass(slots=True, kw_only=True)
class Court:
    """`limits`: of the network's process. `run` beside whoever asks. `folder`: ready, as the process expects it."""

    folder: Path
    limits: Limits
    noticed: Callable[[str], None]
    _questions: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue, init=False)
    _asked: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _answer: asyncio.Future[Said] | None = field(default=None, init=False)

    async def initial(self) -> Weights:
        """Of the network as its file makes it, or as it starts from.

        Raises HopelessError, CrashedError, StorageError and the like, as outcome.py says of every child.
        """
        await self._ask(Begin())
        weights = await asyncio.to_thread(self._weights)
        try:
            return require_like(weights, weights)
        except UnlikeError as error:
            raise HopelessError(f"the network's own weights are no beginning: {error}") from error

    async def metrics(self, model: Weights, round: int) -> Mapping[str, float]:
        """What a model is worth. Raises as `initial`."""
        await self._place(model)
        answer = await self._ask(Judge(round=round))
        return answer.metrics if isinstance(answer, Judged) else {}

    async def conclude(self, model: Weights) -> None:
        """What a run leaves when it is done then lies in the folder. Raises as `initial`."""
        await self._place(model)
        await self._ask(Conclude())

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._asked.wait()
            child = Confined(arguments=_ARGUMENTS, folder=self.folder, limits=self.limits, told=self._questions)
            try:
                ending = await child.run(said=self._heard, noticed=self.noticed)
                # Whoever has not answered has not done what it was asked to, with whatever code.
                require_well(ending, what="judging")
                raise CrashedError("judging ended without an answer: does the network's code end its process?")
            except FoglineError as error:
                self._fail(error)

    async def _place(self, model: Weights) -> None:
        await asyncio.to_thread(lambda: replace_file(self.folder / JUDGED, to_bytes(model)))

    def _weights(self) -> Weights:
        path = own_file(self.folder, INITIAL)
        with storage_errors(path):
            raw = path.read_bytes()
        try:
            found = from_bytes(raw)
        except UnlikeError as error:
            raise CrashedError(f"judging left no weights: {error}") from error
        if not found:
            raise HopelessError("the network has no weights that could be learnt together: none is float32")
        return found

    async def _ask(self, question: AnyQuestion) -> Said:
        crashes = 0
        while True:
            self._answer = asyncio.get_running_loop().create_future()
            self._questions.put_nowait(_encoder.encode(question) + b"\n")
            self._asked.set()
            try:
                return await self._answer
            except CrashedError as error:
                crashes += 1
                if crashes > MOST_CRASHES:
                    raise HopelessError(f"{error}; this was crash {crashes} over one question") from error
                self.noticed(f"{error}; asked again")
            finally:
                self._answer = None

    def _heard(self, line: bytes) -> None:
        # A line of whoever found out where answers go.
        with suppress(msgspec.DecodeError):
            said = msgspec.json.decode(line, type=Said)
            if isinstance(said, Noticed):
                self.noticed(said.text)
            elif self._answer is not None and not self._answer.done():
                self._answer.set_result(said)

    def _fail(self, error: FoglineError) -> None:
        """What was asked and not answered is asked again, by whom it was asked."""
        self._asked.clear()
        while not self._questions.empty():
            self._questions.get_nowait()
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)
