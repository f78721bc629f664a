"""What one agent is told by its operator."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from msgspec import Meta

from agent.clusters import ClusterOverride
from agent.logs import LogFormat
from shared.documents.types import Document, Labels, Name, Seconds

Port = Annotated[int, Meta(ge=0, le=65_535)]


class Settings(Document, frozen=True, kw_only=True):
    """Every setting of the agent; each is a flag, a variable `FOGLINE_AGENT_*` and a key of the settings file."""

    control_plane: str
    name: Name
    state_dir: Path
    token: str = ""
    ca_file: Path | None = None
    labels: Labels = {}  # noqa: RUF012 - msgspec copies an empty default
    clusters: dict[Name, ClusterOverride] = {}  # noqa: RUF012
    federation_policy: Path | None = None
    metrics_port: Port | None = None
    metrics_host: str = "127.0.0.1"
    log_format: LogFormat = LogFormat.LOGFMT
    log_level: Annotated[str, Meta(pattern="^(debug|info|warning|error)$")] = "info"
    otel_endpoint: str | None = None
    report_interval_s: Seconds = 15.0
    silence_deadline_s: Seconds = 45.0
    drain_deadline_s: Seconds = 30.0

    def __post_init__(self) -> None:
        parts = urlsplit(self.control_plane)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("`control_plane` must be a URL such as https://fogline.example:8443")
        if self.otel_endpoint is not None and urlsplit(self.otel_endpoint).scheme not in {"http", "https"}:
            raise ValueError("`otel_endpoint` must be a URL such as http://collector.example:4318")

    def __repr__(self) -> str:
        shown = ((name, "***" if name == "token" else getattr(self, name)) for name in self.__struct_fields__)
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in shown)})"
