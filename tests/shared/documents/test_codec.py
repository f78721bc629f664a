"""Refused documents say where and why."""

from typing import Any

import pytest

from shared.documents import (
    Assignment,
    Cluster,
    Decoder,
    Deployment,
    DType,
    ExitPolicy,
    InferenceWorkload,
    LabelsUpdate,
    ModelManifest,
    TensorSpec,
    WorkloadHead,
    decode,
    digest,
    encode,
)
from shared.errors import DocumentError

TIER = {"tier": "edge", "cluster": "edge"}


def deployment(**fields: object) -> bytes:
    return encode({"name": "fashion", "model": "fashion-mnist", "tiers": [TIER]} | fields)


def sub_model(tier: str, input: int, features: int | None, exit: int | None) -> dict[str, Any]:
    def spec(length: int | None) -> dict[str, Any] | None:
        return None if length is None else {"dtype": "float32", "shape": [length]}

    artifact = {"sha256": "0" * 64, "size_bytes": 1, "format": "tflite"}
    return {
        "tier": tier,
        "input": spec(input),
        "features": spec(features),
        "exit": spec(exit),
        "artifacts": [artifact],
    }


def manifest(*sub_models: dict[str, Any], **fields: object) -> bytes:
    return encode({"name": "model", "sub_models": sub_models} | fields)


@pytest.mark.parametrize(
    ("raw", "kind", "field", "reason"),
    [
        (deployment(tiers=[TIER | {"exit": {"threshold": 1.5}}]), Deployment, "tiers[0].exit.threshold", "<= 1.0"),
        (deployment(tiers=[TIER | {"exit": {"treshold": 1}}]), Deployment, "tiers[0].exit", "`treshold`"),
        (deployment(tiers=[TIER, TIER]), Deployment, "", "name a tier twice"),
        (deployment(tiers=[]), Deployment, "tiers", "length >= 1"),
        (deployment(name="Fashion"), Deployment, "name", "regex"),
        (deployment(name="fashion\n"), Deployment, "name", "regex"),
        (deployment(version="newest"), Deployment, "version", "newest"),
        (deployment(version=0), Deployment, "version", ">= 1"),
        (deployment(api_version="fogline/v2"), Deployment, "api_version", "fogline/v2"),
        (b'{"name": "fashion"}', Deployment, "", "`model`"),
        (b'{"kind": "avro"}', Decoder, "", "schema"),
        (b'{"threshold": "0.5"}', ExitPolicy, "threshold", "got `str`"),
        (b'{"threshold": NaN}', ExitPolicy, "", "not JSON"),
        (b'{"labels": {"not a label": "x"}}', LabelsUpdate, "labels", "regex"),
        (b'{"dtype": "complex64", "shape": []}', TensorSpec, "dtype", "complex64"),
        (b'{"dtype": "int8", "shape": [1, 0]}', TensorSpec, "shape[1]", ">= 1"),
        (b"[" * 100_000, TensorSpec, "", ""),
        (b"\xff", TensorSpec, "", "not JSON"),
        (encode({"name": "edge", "bootstrap_servers": ["edge"]}), Cluster, "bootstrap_servers[0]", "regex"),
        (
            encode({"name": "edge", "bootstrap_servers": ["edge:9092"], "security_protocol": "SASL_SSL"}),
            Cluster,
            "",
            "needs `sasl`",
        ),
        (manifest(sub_model("edge", 4, None, None)), ModelManifest, "sub_models[0]", "neither answer nor forward"),
        (manifest(sub_model("edge", 4, 2, 3)), ModelManifest, "", "must have an `exit` and no `features`"),
        (
            manifest(sub_model("edge", 4, 2, 3), sub_model("fog", 5, None, 3)),
            ModelManifest,
            "",
            "`features` of tier 'edge' do not fit `input` of tier 'fog'",
        ),
        (manifest(sub_model("edge", 4, 2, 3), sub_model("fog", 2, None, 4)), ModelManifest, "", "one shape"),
        (manifest(sub_model("edge", 4, None, 3), labels=["a"]), ModelManifest, "", "1 names for 3 classes"),
    ],
)
def test_a_refusal_names_the_field(raw: bytes, kind: type, field: str, reason: str) -> None:
    with pytest.raises(DocumentError) as refused:
        decode(raw, kind)
    assert refused.value.field == field
    assert reason in refused.value.reason


def test_equal_documents_have_equal_digests_whatever_their_order() -> None:
    one = decode(b'{"dtype": "int8", "shape": [1, 2]}', TensorSpec)
    other = decode(b'{"shape": [1, 2], "dtype": "int8"}', TensorSpec)
    assert digest(one) == digest(other)
    assert digest(one) != digest(TensorSpec(dtype=DType.INT8, shape=(2, 1)))
    assert digest({"b": 1, "a": 2}) == digest({"a": 2, "b": 1})


def test_an_assignment_outlives_a_workload_of_an_unknown_kind() -> None:
    raw = b'{"node": "edge-1", "generation": 7, "workloads": [{"kind": "dreaming", "id": "w1", "depth": 3}]}'
    assignment = decode(raw, Assignment)
    (workload,) = assignment.workloads
    assert decode(bytes(workload), WorkloadHead) == WorkloadHead(kind="dreaming", id="w1")
    with pytest.raises(DocumentError, match="dreaming"):
        decode(bytes(workload), InferenceWorkload)


@pytest.mark.parametrize("dtype", DType)
def test_a_spec_knows_its_bytes(dtype: DType) -> None:
    bits = {"float16": 16, "float32": 32, "float64": 64, "int16": 16, "int32": 32, "int64": 64}.get(dtype, 8)
    assert TensorSpec(dtype=dtype, shape=(3, 5)).size_bytes == 15 * bits // 8
    assert TensorSpec(dtype=dtype, shape=()).elements == 1
