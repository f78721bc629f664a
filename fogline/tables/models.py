"""Models and their artifacts. Pure."""

from collections.abc import Iterable

from rich.console import Group, RenderableType

from fogline.tables.shape import card, size, table
from shared.documents import ModelVersion


def models(versions: Iterable[ModelVersion]) -> RenderableType:
    return table(
        ("model", "version", "tiers", "artifacts", "created", "description"),
        (
            (
                one.manifest.name,
                str(one.version),
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
    }
    rows = (
        (sub_model.tier, artifact.format.value, artifact.precision.value, size(artifact.size_bytes), artifact.sha256)
        for sub_model in manifest.sub_models
        for artifact in sub_model.artifacts
    )
    return Group(card(pairs), table(("tier", "format", "precision", "size", "sha256"), rows, empty="No artifacts."))
