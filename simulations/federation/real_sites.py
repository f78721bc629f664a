"""Sites as their owners would set them up: a Kafka each that nobody else reaches, an agent with settings of its own.

    with RealSites(folder, sites=("site-a", "site-b")) as sites:
        sites.stack.client().federations.put(...)

The platform has a Kafka too, on which models and updates travel, and a node that may coordinate.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from shared.documents import Cluster
from simulations.kafka.cluster import KafkaCluster
from simulations.stack import Say, Stack

PLATFORM = "platform"
SITE_CLUSTER = "site"
COORDINATOR = "coordinator-1"
ROLE = {"role": "site"}
_HEAP_MB = 256
_POLICY = """\
federations = {federations}
sources = "any"
"""
_SETTINGS = """\
federation_policy = "policy.toml"

[clusters.{cluster}]
bootstrap_servers = ["{servers}"]
"""
_PLATFORM_SEEN = """
[clusters.{cluster}]
bootstrap_servers = ["{servers}"]
"""


class RealSites:
    """`federations`: those that every site's policy accepts; a site of `strangers` has no policy and accepts none.

    `platform_seen`: by site, the address under which it reaches the platform's Kafka, where that is another than
    everybody's. `later`: sites whose agents `stack.start_agent` starts.
    """

    def __init__(
        self,
        directory: Path,
        *,
        sites: Sequence[str],
        federations: Sequence[str],
        strangers: Collection[str] = (),
        later: Collection[str] = (),
        platform_seen: Mapping[str, str] | None = None,
        bootstrap_servers: str | None = None,
        say: Say = lambda _: None,
    ) -> None:
        self._directory = directory
        self._sites = tuple(sites)
        self._federations = tuple(federations)
        self._strangers = strangers
        self._later = later
        self._platform_seen = platform_seen or {}
        self._bootstrap_servers = bootstrap_servers
        self._say = say
        self._kafka: dict[str, KafkaCluster] = {}
        self._open = ExitStack()
        self.stack: Stack

    def cluster(self, site: str) -> Cluster:
        """Its own Kafka."""
        return Cluster(name=SITE_CLUSTER, bootstrap_servers=(self._kafka[site].bootstrap_servers,))

    @property
    def platform(self) -> Cluster:
        return self.stack.cluster(PLATFORM)

    def __enter__(self) -> Self:
        try:
            for site in self._sites:
                self._say(f"starting the Kafka of {site}")
                self._kafka[site] = self._open.enter_context(KafkaCluster(heap_mb=_HEAP_MB))
            self.stack = self._open.enter_context(self._platform())
            with self.stack.client() as client:
                client.clusters.put(self.platform)
        except BaseException:
            self._open.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def _platform(self) -> Stack:
        return Stack(
            self._directory / "platform",
            agents={COORDINATOR: {"coordinator": "true"}, **{site: {"site": site, **ROLE} for site in self._sites}},
            own_flags={site: ("--settings", str(self._settings(site))) for site in self._sites},
            later=self._later,
            bootstrap_servers=self._bootstrap_servers,
            say=self._say,
        )

    def _settings(self, site: str) -> Path:
        """What its owner has written."""
        folder = self._directory / site
        folder.mkdir(mode=0o700, parents=True)
        if site not in self._strangers:
            accepted = ", ".join(f'"{name}"' for name in self._federations)
            (folder / "policy.toml").write_text(_POLICY.format(federations=f"[{accepted}]"))
        text = _SETTINGS.format(cluster=SITE_CLUSTER, servers=self._kafka[site].bootstrap_servers)
        if site in self._strangers:
            text = text.replace('federation_policy = "policy.toml"\n', "")
        if site in self._platform_seen:
            text += _PLATFORM_SEEN.format(cluster=PLATFORM, servers=self._platform_seen[site])
        (folder / "agent.toml").write_text(text)
        return folder / "agent.toml"
