"""What a user can set, send, read or watch stands in the docs, or this fails."""

import dataclasses
import re
from pathlib import Path

import msgspec
import pytest

from agent.settings import Settings as AgentSettings
from controlplane.settings import Settings as ControlPlaneSettings
from shared.documents import (
    Batching,
    Cluster,
    Decoder,
    Deployment,
    ExitPolicy,
    Sasl,
    TierSpec,
    Tls,
    TopicDefaults,
    Uplink,
)
from shared.errors import FoglineError

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))
METRIC = re.compile(r"\"(fogline_(?:agent|controlplane)_[a-z_]+)\"")


def page(name: str) -> str:
    return (DOCS / name).read_text()


@pytest.mark.parametrize(
    "document", [Deployment, TierSpec, ExitPolicy, Uplink, Batching, Decoder, Cluster, Sasl, Tls, TopicDefaults]
)
def test_every_field_an_operator_writes_is_documented(document: type[msgspec.Struct]) -> None:
    text = page("deployment.md")
    assert [name for name in document.__struct_encode_fields__ if f"`{name}`" not in text] == []


def test_every_setting_of_the_control_plane_is_documented() -> None:
    text = page("run-a-control-plane.md")
    flags = ["--" + field.name.replace("_", "-") for field in dataclasses.fields(ControlPlaneSettings)]
    assert [flag for flag in flags if f"`{flag}`" not in text] == []


def test_every_setting_of_an_agent_is_documented() -> None:
    text = page("install-an-agent.md")
    names = AgentSettings.__struct_fields__
    assert [name for name in names if f"`{name}`" not in text] == []


@pytest.mark.parametrize(
    ("part", "document"), [("agent", "metrics-agent.md"), ("controlplane", "metrics-controlplane.md")]
)
def test_every_metric_is_documented(part: str, document: str) -> None:
    sources = "\n".join(path.read_text() for path in (ROOT / part).rglob("*.py"))
    names = {name for name in METRIC.findall(sources) if name.startswith(f"fogline_{part}_")}
    assert names
    text = page(document)
    assert sorted(name for name in names if f"`{name}`" not in text) == []


def test_every_exit_code_is_documented() -> None:
    errors: list[type[FoglineError]] = [FoglineError, *FoglineError.__subclasses__()]
    codes = {error.exit_code for error in errors}
    text = page("command-line.md")
    assert sorted(code for code in codes if not re.search(rf"^\| *`?{code}`? *\|", text, re.MULTILINE)) == []


@pytest.mark.parametrize("path", [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *PAGES], ids=lambda path: path.name)
def test_every_link_leads_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#\s]+)", path.read_text())
    assert [link for link in links if not (path.parent / link).exists()] == []


def headings(path: Path) -> set[str]:
    """As a reader's browser is sent to them."""
    text = re.sub(r"```.*?```", "", path.read_text(), flags=re.DOTALL)
    titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("path", [ROOT / "README.md", *PAGES], ids=lambda path: path.name)
def test_every_link_into_a_page_leads_to_a_heading(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)", path.read_text())
    pages = {name: path.parent / name if name else path for name, _ in links}
    assert [(name, anchor) for name, anchor in links if anchor not in headings(pages[name])] == []


def test_every_page_is_reached_from_the_readme() -> None:
    seen, waiting = set(), [ROOT / "README.md"]
    while waiting:
        path = waiting.pop()
        seen.add(path)
        found = re.findall(r"\]\((?!https?:)([^)#\s]+\.md)", path.read_text())
        waiting += [one for link in found if (one := (path.parent / link).resolve()) not in seen and one.exists()]
    assert [path.name for path in PAGES if path not in seen] == []
