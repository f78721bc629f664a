"""Small valid documents to vary."""

from hashlib import sha256

import msgspec

from shared.documents import (
    Artifact,
    ArtifactFormat,
    Assignment,
    Cluster,
    DType,
    InferenceWorkload,
    LoadedVersion,
    SubModel,
    TensorSpec,
    encode,
)


def artifact(content: bytes = b"weights") -> Artifact:
    return Artifact(
        sha256=sha256(content).hexdigest(), size_bytes=len(content), format=ArtifactFormat.TFLITE, file="m.tflite"
    )


def sub_model(of: Artifact) -> SubModel:
    return SubModel(
        tier="edge",
        input=TensorSpec(dtype=DType.FLOAT32, shape=(4,)),
        exit=TensorSpec(dtype=DType.FLOAT32, shape=(2,)),
        artifacts=(of,),
    )


def workload(id: str = "one", *, version: int = 1, **changes: object) -> InferenceWorkload:
    kept = artifact()
    loaded = LoadedVersion(model="m", version=version, sub_model=sub_model(kept), artifact=kept)
    made = InferenceWorkload(
        id=id,
        deployment="d",
        tier="edge",
        is_first_tier=True,
        versions=(loaded,),
        clusters=(Cluster(name="edge", bootstrap_servers=("localhost:9092",)),),
        input_cluster="edge",
        input_topic="in",
        output_cluster="edge",
        answers_topic="out",
        dead_letter_topic="dead",
        group="g",
    )
    return msgspec.structs.replace(made, **changes)


def assignment(generation: int, *workloads: object, node: str = "node-1") -> Assignment:
    return Assignment(node=node, generation=generation, workloads=tuple(msgspec.Raw(encode(one)) for one in workloads))
