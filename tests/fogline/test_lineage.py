"""Whose kin a version is, and how a federated one reads."""

# ruff: noqa: ANN401 - members of a document as they come

from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from fogline import tables
from fogline.lineage import related
from fogline.model_download import fetch_of_run
from shared.client import Client
from shared.documents import (
    Artifact,
    ArtifactFormat,
    DType,
    FederatedLineage,
    Lineage,
    ModelManifest,
    ModelVersion,
    SiteShare,
    SubModel,
    TensorSpec,
    TrainingParameters,
    VersionName,
    decode,
    encode,
)
from shared.errors import DocumentError, SettingsError

OF_SITES = FederatedLineage(
    name="clinics", edition=2, strategy="fedbuff", rounds=40, participants={"north": SiteShare(updates=7, records=900)}
)


def lineage(**members: Any) -> Lineage:
    values: dict[str, Any] = {
        "network": "small",
        "sources": ("a" * 64,),
        "records": "",
        "seed": 0,
        "split_seed": 0,
        "parameters": TrainingParameters(),
    }
    return Lineage(**values | members)


def version(number: int, made: Lineage | None) -> ModelVersion:
    spec = TensorSpec(dtype=DType.FLOAT32, shape=(10,))
    artifact = Artifact(sha256="b" * 64, size_bytes=1, format=ArtifactFormat.TFLITE)
    manifest = ModelManifest(
        name="small", sub_models=(SubModel(tier="edge", input=spec, exit=spec, artifacts=(artifact,)),)
    )
    return ModelVersion(manifest=manifest, version=number, created_at="now", lineage=made)


def test_a_version_comes_from_a_run_or_from_a_federation_and_never_from_both() -> None:
    with pytest.raises(ValueError, match="name one of them"):
        lineage(run=1, federation=OF_SITES)
    with pytest.raises(DocumentError, match="name one of them"):
        decode(encode(lineage(run=1)).replace(b'"run":1', b'"run":null'), Lineage)
    assert decode(encode(lineage(federation=OF_SITES)), Lineage).federation == OF_SITES


def test_versions_without_a_stream_are_no_siblings_by_that() -> None:
    mine = version(1, lineage(federation=OF_SITES))
    others = (
        version(2, lineage(federation=OF_SITES)),
        version(3, lineage(run=1)),
        version(4, lineage(federation=FederatedLineage(name="banks", edition=1, strategy="fedavg", rounds=1))),
        version(5, None),
    )
    assert related(mine, others, ()).siblings == (VersionName(model="small", version=2),)


def test_runs_on_one_stream_are_siblings_and_what_began_with_it_is_a_child() -> None:
    mine = version(1, lineage(run=1, stream="s-1"))
    others = (version(2, lineage(run=2, stream="s-1")), version(3, lineage(federation=OF_SITES, start_from="small/1")))
    found = related(mine, others, ())
    assert [one.version for one in found.siblings] == [2]
    assert [one.version for one in found.children] == [3]


def test_a_federated_version_says_its_sites_and_rounds() -> None:
    said = shown(version(1, lineage(federation=OF_SITES)))
    for word in ("federation clinics, edition 2", "40 by fedbuff", "north (7 updates of 900 records)"):
        assert word in said
    assert "request" not in said
    assert "request hourly" in shown(version(1, lineage(run=3, request="hourly", stream="s-1")))


def test_what_no_run_made_has_no_files_of_a_run(tmp_path: Path) -> None:
    nobody = Client("http://localhost:1", credential="none")
    with nobody as client, pytest.raises(SettingsError, match="made by a federation"):
        fetch_of_run(client, version(1, lineage(federation=OF_SITES)), tmp_path, progress=lambda *_: None)


def shown(one: ModelVersion) -> str:
    console = Console(width=200)
    with console.capture() as captured:
        console.print(tables.lineage(related(one, (), ())))
    return captured.get()
