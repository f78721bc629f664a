"""The real programs on this machine: Kafka, a control plane, agents, for as long as a `with` block lasts.

    with Stack(directory, agents={"edge-1": {"tier": "edge"}}) as stack:
        stack.client().deployments.put(...)

Everything ends with the block, and with this process however it ends.
"""

from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import msgspec

from shared.client import Client
from shared.documents import Cluster, EnrolmentTokenRequest
from shared.storage import storage_errors
from simulations.kafka.cluster import KafkaCluster
from simulations.kafka.distribution import Progress
from simulations.programs import Program, RunningProgram

CONTROL_PLANE = "control-plane"
READY_DEADLINE_S = 60.0
Say = Callable[[str], None]


class ReadyLine(msgspec.Struct):
    """What the control plane prints once it listens."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where the programs of one stack keep what they have."""

    directory: Path

    @property
    def credential_file(self) -> Path:
        return self.directory / "operator-credential"

    def client(self, url: str) -> Client:
        """The operator's."""
        return Client(url, credential=self.credential_file.read_text().strip())

    def log(self, program: str) -> Path:
        return self.directory / "logs" / f"{program}.log"

    def state(self, program: str) -> Path:
        return self.directory / program

    def control_plane(self, *, port: int = 0, extra: tuple[str, ...] = ()) -> Program:
        arguments = ("--state-dir", str(self.state("control-plane")), "--port", str(port), *extra)
        credential = ("--operator-credential-file", str(self.credential_file))
        return Program(
            name="control plane",
            arguments=("-m", "controlplane", *arguments, *credential),
            log=self.log("control-plane"),
        )

    def agent(self, name: str, *, url: str, labels: Mapping[str, str], extra: tuple[str, ...] = ()) -> Program:
        """Enrols with the token in `token_file(name)` on its first start, and needs none later."""
        flags = tuple(part for key, value in labels.items() for part in ("--label", f"{key}={value}"))
        arguments = ("--control-plane", url, "--name", name, "--state-dir", str(self.state(name)), *flags, *extra)
        return Program(
            name=f"agent {name}",
            arguments=("-m", "agent", *arguments, "--token-file", str(self.token_file(name))),
            log=self.log(name),
        )

    def token_file(self, name: str) -> Path:
        return self.directory / "tokens" / name

    def admit(self, name: str, client: Client) -> None:
        """Write down a token for an agent that never had one."""
        if not self.token_file(name).exists():
            self.write_token(name, client.tokens.create(EnrolmentTokenRequest()).token)

    def write_token(self, name: str, token: str) -> None:
        file = self.token_file(name)
        with storage_errors(file):
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file.touch(mode=0o600)
            file.write_text(token)


def is_ready_line(line: str) -> bool:
    return line.startswith("{") and '"url"' in line


def start_control_plane(
    layout: Layout, *, port: int, leashed: bool, extra: tuple[str, ...] = ()
) -> tuple[RunningProgram, str]:
    """The program and its URL, once it answers."""
    running = layout.control_plane(port=port, extra=extra).start(leashed=leashed)
    try:
        line = running.await_line(is_ready_line, deadline_s=READY_DEADLINE_S)
        return running, msgspec.json.decode(line, type=ReadyLine).url
    except BaseException:
        running.stop(patience_s=0)
        raise


def stop_all(programs: dict[str, RunningProgram]) -> None:
    """Agents drain side by side; the control plane is there until they are done."""
    control_plane = programs.pop(CONTROL_PLANE, None)
    for running in programs.values():
        running.terminate()
    for running in programs.values():
        running.stop()
    if control_plane is not None:
        control_plane.stop()


class Stack:
    """`agents`: the labels of each by its name; `agent_flags` are given to all of them, at every start, `own_flags` to
    those that it names, and `control_plane_flags` to the control plane. Agents of `later` wait for `start_agent`.

    With `bootstrap_servers` no Kafka is started.
    """

    def __init__(
        self,
        directory: Path,
        *,
        agents: Mapping[str, Mapping[str, str]],
        agent_flags: tuple[str, ...] = (),
        own_flags: Mapping[str, tuple[str, ...]] | None = None,
        later: Collection[str] = (),
        control_plane_flags: tuple[str, ...] = (),
        bootstrap_servers: str | None = None,
        on_progress: Progress | None = None,
        say: Say = lambda _: None,
    ) -> None:
        self.layout = Layout(directory=directory)
        self.programs: dict[str, RunningProgram] = {}
        self.url = ""
        self.bootstrap_servers = bootstrap_servers or ""
        self._agents = agents
        self._agent_flags = agent_flags
        self._own_flags = own_flags or {}
        self._later = later
        self._control_plane_flags = control_plane_flags
        self._on_progress = on_progress
        self._say = say
        self._open = ExitStack()

    def client(self) -> Client:
        return self.layout.client(self.url)

    def cluster(self, name: str) -> Cluster:
        """This stack's Kafka under a cluster name."""
        return Cluster(name=name, bootstrap_servers=tuple(self.bootstrap_servers.split(",")))

    def start_agent(self, name: str, *extra: str) -> RunningProgram:
        """Start it anew on what it has stored, or for the first time."""
        with self.client() as client:
            self.layout.admit(name, client)
        flags = (*self._agent_flags, *self._own_flags.get(name, ()), *extra)
        program = self.layout.agent(name, url=self.url, labels=self._agents[name], extra=flags)
        running = self.programs[name] = program.start(leashed=True)
        return running

    def start_control_plane(self, *, port: int = 0) -> RunningProgram:
        extra = self._control_plane_flags
        running, self.url = start_control_plane(self.layout, port=port, leashed=True, extra=extra)
        self.programs[CONTROL_PLANE] = running
        return running

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._open.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def _start(self) -> None:
        if not self.bootstrap_servers:
            self._say("starting Kafka")
            kafka = self._open.enter_context(KafkaCluster(on_progress=self._on_progress))
            self.bootstrap_servers = kafka.bootstrap_servers
        self._open.callback(stop_all, self.programs)
        self._say("starting the control plane")
        self.start_control_plane()
        at_once = [name for name in self._agents if name not in self._later]
        self._say(f"starting {len(at_once)} agents")
        for name in at_once:
            self.start_agent(name)
