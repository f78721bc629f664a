"""The README's table: how large the sub-models are, and what they send up."""

from collections.abc import Iterable
from pathlib import Path

from examples import manifests
from shared.documents import ModelManifest, SubModel, TensorSpec

FOLDER = Path(__file__).parent
HEAD = (
    "| model | sub-model | parameters | multiplications | takes | sends up | bytes as `u8` | bytes as `raw` |",
    "|---|---|---:|---:|---:|---:|---:|---:|",
)


def table(folder: Path = FOLDER) -> str:
    """Markdown, one row a sub-model. Bytes are those of a record's value, without headers."""
    found = (manifests.read(path.parent) for path in sorted(folder.glob("*/*/manifest.json")))
    return "\n".join((*HEAD, *rows(found), ""))


def rows(found: Iterable[ModelManifest]) -> Iterable[str]:
    for manifest in found:
        for sub_model in manifest.sub_models:
            yield f"| {' | '.join((manifest.name, *cells(manifest, sub_model)))} |"


def cells(manifest: ModelManifest, sub_model: SubModel) -> tuple[str, ...]:
    tier, features = sub_model.tier, sub_model.features
    counted = (f"{manifest.metrics[f'{name}_{tier}']:,.0f}" for name in ("parameters", "multiplications"))
    sizes = (f"{features.elements:,}", f"{features.size_bytes:,}") if features else ("", "")
    return tier, *counted, shape(sub_model.input), shape(features), *sizes


def shape(spec: TensorSpec | None) -> str:
    return "x".join(map(str, spec.shape)) if spec else ""
