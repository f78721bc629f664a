"""Models and their artifacts. Pure."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType

from fogline.tables.shape import card, size, table
from shared.documents import Lineage, ModelVersion, VersionName

if TYPE_CHECKING:
    from fogline.lineage import Kin


def models(versions: Iterable[ModelVersion]) -> RenderableType:
    return table(
        ("model", "version", "aliases", "tiers", "artifacts", "created", "description"),
        (
            (
                one.manifest.name,
                str(one.version),
                ", ".join(one.aliases) or "-",
                " > ".join(sub_model.tier for sub_model in one.manifest.sub_models),
                size(sum(a.size_bytes for sub_model in one.manifest.sub_models for a in sub_model.artifacts)),
                one.created_at,
                one.manifest.description or "-",
            )
            for one in versions
        ),
        empty="No models yet: `fogline models register FOLDER`.",
    )


def model(version: ModelVersion) -> RenderableType:
    manifest = version.manifest
    pairs = {
        "model": f"{manifest.name}/{version.version}",
        "task": manifest.task.value,
        "created": version.created_at,
        "labels": ", ".join(manifest.labels) or "-",
        "metrics": ", ".join(f"{name} {value:g}" for name, value in manifest.metrics.items()) or "-",
        "aliases": ", ".join(version.aliases) or "-",
        "note": version.note or "-",
        "made by": f"{_maker(version.lineage)} of network {version.lineage.network}" if version.lineage else "-",
    }
    rows = (
        (sub_model.tier, artifact.format.value, artifact.precision.value, size(artifact.size_bytes), artifact.sha256)
        for sub_model in manifest.sub_models
        for artifact in sub_model.artifacts
    )
    return Group(card(pairs), table(("tier", "format", "precision", "size", "sha256"), rows, empty="No artifacts."))


def lineage(found: "Kin") -> RenderableType:
    version, made = found.version, found.version.lineage
    pairs = {"version": f"{version.manifest.name}/{version.version}", "created": version.created_at}
    if made is None:
        pairs["made by"] = "nothing here: it was registered from a folder"
    else:
        pairs |= _made(made)
    pairs |= {
        "same data": _names(found.siblings),
        "began with it": _names(found.children),
        "deployed as": ", ".join(found.deployments) or "-",
    }
    return card(pairs)


def _made(made: Lineage) -> dict[str, str]:
    return {
        "made by": _maker(made) + (f" of request {made.request}" if made.request else ""),
        "network": f"{made.network} ({', '.join(one[:12] for one in made.sources)})",
        **_data(made),
        "training": f"{made.parameters.epochs} epochs, seed {made.seed}",
        "started from": made.start_from or "nothing: drawn by the seed",
        "packages": ", ".join(f"{name} {number}" for name, number in sorted(made.packages.items())) or "-",
    }


def _maker(made: Lineage) -> str:
    if made.federation is None:
        return f"run {made.run}"
    return f"federation {made.federation.name}, edition {made.federation.edition}"


def _data(made: Lineage) -> dict[str, str]:
    """What it learnt from: a stream, or sites, whose streams nobody knows but they."""
    split = {"records": f"{made.records[:12]}, split with seed {made.split_seed}"} if made.records else {}
    if made.federation is None:
        return {"stream": made.stream, **split}
    shares = (
        f"{name} ({one.updates} updates of {one.records} records)"
        for name, one in sorted(made.federation.participants.items())
    )
    return {
        "rounds": f"{made.federation.rounds} by {made.federation.strategy}",
        "sites": ", ".join(shares) or "-",
        "judged by": made.stream or "-",
        **split,
    }


def _names(versions: Iterable[VersionName]) -> str:
    return ", ".join(f"{one.model}/{one.version}" for one in versions) or "-"
