"""A node that trains nothing: it takes what it is given, says how far it is, and hands in what the test wants."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import msgspec

from shared.client import Client
from shared.documents import (
    Artifact,
    ArtifactFormat,
    Assignment,
    DType,
    Enrolment,
    EnrolmentTokenRequest,
    ExitScore,
    Lineage,
    ModelManifest,
    NodeFacts,
    NodeReport,
    Phase,
    RunFile,
    RunResult,
    RunView,
    Stage,
    SubModel,
    TensorSpec,
    TrainingParameters,
    TrainingProgress,
    WorkloadHead,
    WorkloadStatus,
    decode,
    digest,
    encode,
)
from shared.documents.stream import AnnouncementFound, StreamsReport
from shared.documents.training_workloads import ANNOUNCEMENTS, TRAINING, AnnouncementsWorkload, TrainingWorkload
from shared.streams.announcement import Announcement
from shared.streams.inputs import RawInput
from shared.streams.ranges import Range

FACTS = NodeFacts(
    cores=4,
    memory_bytes=8 << 30,
    backends=("litert", "keras"),
    workload_kinds=("inference", TRAINING, ANNOUNCEMENTS, "profile"),
)
FEATURES = TensorSpec(dtype=DType.FLOAT32, shape=(4,))
CLASSES = TensorSpec(dtype=DType.FLOAT32, shape=(10,))


def announcement(topic: str, *, start: int = 0, records: int = 1000) -> Announcement:
    return Announcement(
        ranges=(Range(topic=topic, partition=0, start=start, end=start + records),),
        input=RawInput(data_type="uint8", label_type="uint8", data_shape=(28, 28, 1), label_shape=(1,)),
        validation_rate=0.1,
        test_rate=0.1,
        description="drawn",
    )


@dataclass(slots=True)
class TrainingNode:
    """Of a control plane in another process, by HTTP."""

    url: str
    name: str
    credential: str
    facts: NodeFacts = FACTS
    sequence: int = 0
    offset: int = 0

    @classmethod
    def enrolled(cls, operator: Client, name: str, *, facts: NodeFacts = FACTS, **labels: str) -> "TrainingNode":
        token = operator.tokens.create(EnrolmentTokenRequest(labels=labels)).token
        given = operator.nodes.enrol(Enrolment(name=name, facts=facts), token=token)
        node = cls(operator.url, name, given.credential, facts)
        node.report()
        return node

    def ask(self, method: str, path: str, document: object = None, **headers: str) -> httpx.Response:
        content = document if isinstance(document, bytes) else None if document is None else encode(document)
        answer = httpx.request(
            method,
            f"{self.url}/v1/{path}",
            content=content,
            headers={"Authorization": f"Bearer {self.credential}", **headers},
            timeout=30,
        )
        assert answer.is_success, answer.text
        return answer

    def assignment(self) -> Assignment:
        return decode(self.ask("GET", f"nodes/{self.name}/assignment").content, Assignment)

    def report(self, progress: Mapping[int, TrainingProgress] | None = None, *, failed: Mapping[int, str] = {}) -> None:
        """That all it was given runs; of runs, by number, how far they are or why they failed."""
        given = self.assignment()
        self.sequence += 1
        statuses = tuple(self._status(bytes(raw), progress or {}, failed) for raw in given.workloads)
        report = NodeReport(
            node=self.name,
            boot_id="boot",
            sequence=self.sequence,
            observed_generation=given.generation,
            highest_generation=given.generation,
            facts=self.facts,
            workloads=statuses,
        )
        self.ask("POST", f"nodes/{self.name}/reports", report)

    def _status(
        self, raw: bytes, progress: Mapping[int, TrainingProgress], failed: Mapping[int, str]
    ) -> WorkloadStatus:
        head = decode(raw, WorkloadHead)
        run, said = 0, None
        if head.kind == TRAINING:
            given = decode(raw, TrainingWorkload)
            run, said = given.run, progress.get(given.run)
            if run in failed:
                said = TrainingProgress(attempt=given.attempt, stage=Stage.FAILED)
        return WorkloadStatus(
            id=head.id,
            kind=head.kind,
            phase=Phase.FAILED if run in failed else Phase.RUNNING,
            revision=digest(msgspec.Raw(raw)),
            reason=failed.get(run, ""),
            training=said,
        )

    def announces(self, number: int, what: Announcement, *, cluster: str, timestamp_ms: int) -> None:
        """As its watch over this cluster's control topic would tell it. Raises StopIteration where it has none."""
        given = (bytes(raw) for raw in self.assignment().workloads)
        watches = (
            decode(raw, AnnouncementsWorkload) for raw in given if decode(raw, WorkloadHead).kind == ANNOUNCEMENTS
        )
        watch = next(one for one in watches if one.cluster == cluster)
        found = AnnouncementFound(
            partition=0, offset=self.offset, timestamp_ms=timestamp_ms, number=number, announcement=what
        )
        self.offset += 1
        report = StreamsReport(cluster=watch.cluster, control_topic=watch.control_topic, found=(found,))
        self.ask("POST", f"nodes/{self.name}/streams", report)

    def upload(self, content: bytes) -> str:
        with TemporaryDirectory() as folder, Client(self.url, credential=self.credential) as client:
            file = Path(folder) / "content"
            file.write_bytes(content)
            return client.artifacts.upload(file).sha256

    def finishes(self, run: RunView, files: Mapping[str, bytes], *, labels: tuple[str, ...] = ()) -> None:
        manifest = ModelManifest(
            name=run.network,
            labels=labels,
            sub_models=(self._sub_model("edge", FEATURES, run), self._sub_model("cloud", None, run)),
        )
        left = tuple(
            RunFile(name=name, sha256=self.upload(content), size_bytes=len(content)) for name, content in files.items()
        )
        result = RunResult(
            attempt=run.attempt,
            manifest=manifest,
            lineage=self._lineage(run),
            epochs=2,
            exits=("edge", "cloud"),
            test={"edge": ExitScore(loss=0.4, accuracy=0.86), "cloud": ExitScore(loss=0.2, accuracy=0.93)},
            files=left,
        )
        self.ask("POST", f"runs/{run.id}/results", result)

    def _lineage(self, run: RunView) -> Lineage:
        return Lineage(
            run=run.id,
            request=run.request,
            network=run.network,
            sources=(hashlib.sha256(b"network").hexdigest(),),
            stream=run.stream,
            records=hashlib.sha256(run.stream.encode()).hexdigest(),
            seed=0,
            split_seed=0,
            parameters=TrainingParameters(epochs=2),
            packages={"keras": "3.15.1"},
        )

    def _sub_model(self, tier: str, features: TensorSpec | None, run: RunView) -> SubModel:
        content = f"{tier} of run {run.id}".encode()
        made = Artifact(sha256=self.upload(content), size_bytes=len(content), format=ArtifactFormat.TFLITE)
        taken = TensorSpec(dtype=DType.UINT8, shape=(28, 28, 1)) if features is not None else FEATURES
        return SubModel(tier=tier, input=taken, features=features, exit=CLASSES, artifacts=(made,))


def fitting(epoch: int, *, done: int) -> TrainingProgress:
    return TrainingProgress(
        attempt=1,
        stage=Stage.FITTING,
        exits=("edge", "cloud"),
        done=done,
        total=20,
        epoch=epoch,
        epochs=2,
        records_per_s=1234.0,
        loss={"edge": 0.5, "cloud": 0.3},
        validation={"edge": ExitScore(loss=0.6, accuracy=0.8)},
    )
