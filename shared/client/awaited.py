"""The client for programs with an event loop: the same operations, awaited."""

import asyncio
from collections.abc import AsyncGenerator
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
from shared.client.operation import Awaited
from shared.client.profiles import Profiles
from shared.client.runs import Runs, Streams
from shared.client.training import Configurations, Networks, Requests
from shared.documents import Event
from shared.errors import FoglineError

T = TypeVar("T")


class AsyncClient:
    """As `Client`; every operation is awaited, `events` is iterated with `async for`, and `aclose` closes it."""

    def __init__(
        self, url: str, *, credential: str, timeout_s: float = 30.0, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._connection = Connection(url=url, credential=credential, timeout_s=timeout_s)
        mounts = self._connection.mounts if transport is None else None
        self._http = httpx.AsyncClient(timeout=self._connection.timeout, transport=transport, mounts=mounts)
        self.deployments = Deployments[Awaited](self.run)
        self.models = Models[Awaited](self.run)
        self.artifacts = Artifacts[Awaited](self.run)
        self.nodes = Nodes[Awaited](self.run)
        self.tokens = Tokens[Awaited](self.run)
        self.clusters = Clusters[Awaited](self.run)
        self.networks = Networks[Awaited](self.run)
        self.configurations = Configurations[Awaited](self.run)
        self.requests = Requests[Awaited](self.run)
        self.streams = Streams[Awaited](self.run)
        self.runs = Runs[Awaited](self.run)
        self.profiles = Profiles[Awaited](self.run)
        self.federations = Federations[Awaited](self.run)

    def __repr__(self) -> str:
        return f"AsyncClient({self.url!r})"

    @property
    def url(self) -> str:
        return self._connection.url

    async def events(self, *, after: int = 0) -> AsyncGenerator[Event]:
        """Every change since `after`, then each as it happens. Ends only by an error; go on after the last sequence."""
        read = lines_decoder(Event)
        request = self._connection.request(events_after(after))
        with self._connection.translated():
            async with self._http.stream(**request, timeout=httpx.Timeout(STREAM_TIMEOUT_S)) as response:
                if not response.is_success:
                    refuse_problems(answer(response, await response.aread()))
                async for line in response.aiter_lines():
                    if (event := read(line)) is not None:
                        yield event

    async def run(self, flow: Flow[T]) -> T:
        """Carry out any flow of calls: what every operation of this client comes down to."""
        steps = iter(flow)
        try:
            instruction = next(steps)
            while True:
                try:
                    outcome = await self._execute(instruction)
                except FoglineError as error:
                    instruction = steps.throw(error)
                else:
                    instruction = steps.send(outcome)
        except StopIteration as end:
            result: T = end.value
            return result

    async def aclose(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _execute(self, instruction: Instruction) -> object:
        match instruction:
            case Call():
                return instruction.read(await self._ask(instruction))
            case Work(function):
                return await asyncio.to_thread(function)
            case Pause(seconds):
                await asyncio.sleep(seconds)
                return None

    async def _ask(self, call: Call[Any]) -> Answer:
        with self._connection.translated():
            response = await self._http.request(**self._connection.request(call))
        return answer(response, response.content)
