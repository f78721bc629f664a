"""The client for scripts, tests and the command line."""

import time
from collections.abc import Generator
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from shared.client.answers import lines_decoder, refuse_problems
from shared.client.artifacts import Artifacts
from shared.client.clusters import Clusters
from shared.client.connection import STREAM_TIMEOUT_S, Connection, answer, events_after
from shared.client.deployments import Deployments
from shared.client.federations import Federations
from shared.client.flow import Answer, Call, Flow, Instruction, Pause, Work
from shared.client.models import Models
from shared.client.nodes import Nodes, Tokens
from shared.client.operation import Blocking
from shared.client.profiles import Profiles
from shared.client.runs import Runs, Streams
from shared.client.training import Configurations, Networks, Requests
from shared.documents import Event
from shared.errors import FoglineError

T = TypeVar("T")


class Client:
    """The HTTP API, typed. One connection pool; close it, or use it as a context manager.

    Every operation raises ControlPlaneError: its `status` is 0 when nothing answered, `field` names what a document
    got wrong, and `retriable` says whether the same call may succeed later.
    """

    def __init__(
        self, url: str, *, credential: str, timeout_s: float = 30.0, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._connection = Connection(url=url, credential=credential, timeout_s=timeout_s)
        mounts = self._connection.mounts if transport is None else None
        self._http = httpx.Client(timeout=self._connection.timeout, transport=transport, mounts=mounts)
        self.deployments = Deployments[Blocking](self.run)
        self.models = Models[Blocking](self.run)
        self.artifacts = Artifacts[Blocking](self.run)
        self.nodes = Nodes[Blocking](self.run)
        self.tokens = Tokens[Blocking](self.run)
        self.clusters = Clusters[Blocking](self.run)
        self.networks = Networks[Blocking](self.run)
        self.configurations = Configurations[Blocking](self.run)
        self.requests = Requests[Blocking](self.run)
        self.streams = Streams[Blocking](self.run)
        self.runs = Runs[Blocking](self.run)
        self.profiles = Profiles[Blocking](self.run)
        self.federations = Federations[Blocking](self.run)

    def __repr__(self) -> str:
        return f"Client({self.url!r})"

    @property
    def url(self) -> str:
        return self._connection.url

    def events(self, *, after: int = 0) -> Generator[Event]:
        """Every change since `after`, then each as it happens. Ends only by an error; go on after the last sequence."""
        read = lines_decoder(Event)
        request = self._connection.request(events_after(after))
        with (
            self._connection.translated(),
            self._http.stream(**request, timeout=httpx.Timeout(STREAM_TIMEOUT_S)) as response,
        ):
            if not response.is_success:
                refuse_problems(answer(response, response.read()))
            for line in response.iter_lines():
                if (event := read(line)) is not None:
                    yield event

    def run(self, flow: Flow[T]) -> T:
        """Carry out any flow of calls: what every operation of this client comes down to."""
        steps = iter(flow)
        try:
            instruction = next(steps)
            while True:
                try:
                    outcome = self._execute(instruction)
                except FoglineError as error:
                    instruction = steps.throw(error)
                else:
                    instruction = steps.send(outcome)
        except StopIteration as end:
            result: T = end.value
            return result

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _execute(self, instruction: Instruction) -> object:
        match instruction:
            case Call():
                return instruction.read(self._ask(instruction))
            case Work(function):
                return function()
            case Pause(seconds):
                time.sleep(seconds)
                return None

    def _ask(self, call: Call[Any]) -> Answer:
        with self._connection.translated():
            response = self._http.request(**self._connection.request(call))
        return answer(response, response.content)
