"""The OpenAPI document says what the decoder does: both take and refuse the same documents."""

import copy
from collections.abc import Iterator
from enum import Enum, auto
from typing import Any

import jsonschema_rs
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controlplane.app import create_app
from controlplane.plane import open_plane
from controlplane.settings import Settings
from shared.documents import (
    AliasTarget,
    Cluster,
    Configuration,
    Enrolment,
    EnrolmentTokenRequest,
    ExitScore,
    Export,
    LabelsUpdate,
    NodeReport,
    Note,
    Online,
    Phase,
    PseudoLabels,
    Rates,
    ReuseRequest,
    RunState,
    RunView,
    Sasl,
    SaslMechanism,
    SecurityProtocol,
    TierCut,
    Tls,
    TrainingParameters,
    VersionName,
    WorkloadStatus,
    decode,
    encode,
)
from shared.documents.federation import Evaluation, Federation, Invited, Privacy, Requirements, Rounds, Stop, Target
from shared.documents.federation_workloads import FederationReport, ModelScore
from shared.documents.profile import GivenLink, MeasuredLink, ProfiledTier, Profiling, SegmentTime, TierTimes
from shared.documents.stream import AnnouncementFound, Kept, StreamsReport
from shared.errors import DocumentError
from tests.controlplane.federating import NAME, outcome, progress
from tests.controlplane.stage import FACTS, Site, bearer, deployment, manifest
from tests.controlplane.training import announcement, request, result, source

RUN = RunView(
    id=1, request="r", network="n", stream="s-1", state=RunState.RUNNING, attempt=1, created_at="2027-01-01T00:00:00Z"
)
EXAMPLES: dict[str, Any] = {
    "AliasTarget": AliasTarget(version=1),
    "Cluster": Cluster(
        name="main",
        bootstrap_servers=("kafka:9092", "[::1]:9092"),
        security_protocol=SecurityProtocol.SASL_SSL,
        sasl=Sasl(mechanism=SaslMechanism.PLAIN, username="u", password="p"),
        tls=Tls(ca="CA"),
    ),
    "Configuration": Configuration(name="first", networks=("small",)),
    "Deployment": deployment(),
    "Enrolment": Enrolment(name="edge-1", labels={"tier": "edge"}, facts=FACTS),
    "EnrolmentTokenRequest": EnrolmentTokenRequest(labels={"tier": "edge"}),
    "Federation": Federation(
        name=NAME,
        network="small",
        cluster="main",
        participants=Invited(nodes=("north", "south")),
        requirements=Requirements(shape=(28, 28, 1), records=100, restrictions={"features": {"label": {}}}),
        rounds=Rounds(updates=2, deadline_s=60.5, most_stale=3),
        stop=Stop(rounds=20, target=Target(metric="cloud/accuracy", value=0.5)),
        metrics=("cloud/loss",),
        privacy=Privacy(norm=0.5, noise=1.5),
        evaluation=Evaluation(number=700),
        start_from=VersionName(model="small", version=1),
    ),
    "FederationReport": FederationReport(
        federation=NAME,
        edition=1,
        progress=progress(1, history=(ModelScore(round=1, at="now", metrics={"cloud/loss": 0.5}),)),
        outcome=outcome(),
    ),
    "LabelsUpdate": LabelsUpdate(labels={"tier": "edge"}),
    "ModelManifest": manifest(),
    "NetworkSource": source(),
    "NodeReport": NodeReport(
        node="edge-1",
        boot_id="boot",
        sequence=1,
        observed_generation=1,
        highest_generation=1,
        facts=FACTS,
        workloads=(WorkloadStatus(id="net.edge", kind="inference", phase=Phase.RUNNING, counters={"lag": 0.5}),),
    ),
    "Note": Note(note="good at night"),
    "ReuseRequest": ReuseRequest(stream="s-1"),
    "RunResult": result(RUN, test={"edge": ExitScore(loss=0.5, accuracy=0.25)}),
    "Profiling": Profiling(
        name="small",
        run=1,
        tiers=(
            ProfiledTier(tier="edge", selector={"tier": "edge"}, memory_bytes=400_000),
            ProfiledTier(tier="cloud", cluster="main"),
        ),
        links=(GivenLink(bytes_per_s=250_000, fixed_s=0.012),),
    ),
    "TierTimes": TierTimes(
        profile="small",
        profiling="0123456789abcdef",
        tier="edge",
        backend="litert",
        records=100,
        times=(SegmentTime(until="block1", head="edge", time_s=0.0003),),
        link=MeasuredLink(bytes_per_s=250_000, fixed_s=0.012),
    ),
    "StreamsReport": StreamsReport(
        cluster="main",
        control_topic="control",
        found=(
            AnnouncementFound(partition=0, offset=7, timestamp_ms=-1, number=1, announcement=announcement()),
            AnnouncementFound(partition=0, offset=8, timestamp_ms=5, refused="no JSON"),
        ),
        kept=(Kept(topic="data", partition=0, first=1, last=2),),
    ),
    "TrainingRequest": request(
        number=1,
        parameters=TrainingParameters(early_stopping=2, exit_weights=(0.5, 1.5)),
        rates=Rates(validation=0.25),
        export=Export(tiers=(TierCut(tier="edge", cut="c", exit="e"), TierCut(tier="cloud", exit="f"))),
        start_from=VersionName(model="small", version=1),
        pseudo_labels=PseudoLabels(confidence=0.75),
        online=Online(deployment="live"),
        threads=2,
    ),
}
# No whole floats: to JSON Schema 1.0 is an integer, to the decoder it is a typing error.
NUMBERS = (None, True, 0, 1, -1, 0.5, 1.5, -0.5, 2**31, 2**53 + 1)
TEXTS = ("", "x", "x\n", "A", "-x", "x" * 64, "é", "kafka:9092", "all", "latest", "fogline/v2", "float32")
odd_values = st.one_of(
    st.sampled_from((*NUMBERS, *TEXTS)),
    st.lists(st.sampled_from((0, "x")), max_size=2),
    st.dictionaries(st.sampled_from(("", "x")), st.sampled_from((1, "y")), max_size=1),
)


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    plane = open_plane(Settings(state_dir=tmp_path_factory.mktemp("state")))
    yield create_app(plane).openapi()
    plane.close()


def places(document: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(document, dict | list):
        for key, value in document.items() if isinstance(document, dict) else enumerate(document):
            yield from places(value, (*path, key))


@st.composite
def altered(draw: st.DrawFn, example: object) -> Any:  # noqa: ANN401 - any JSON
    """The example with one to three parts replaced, removed or added."""
    document = copy.deepcopy(example)
    for _ in range(draw(st.integers(1, 3))):
        if not document:
            break
        *path, last = draw(st.sampled_from([path for path in places(document) if path]))
        parent = document
        for key in path:
            parent = parent[key]  # type: ignore[index]  # a path through it
        match draw(st.sampled_from(["replace", "remove", "add"])):
            case "replace":
                parent[last] = draw(odd_values)  # type: ignore[index]
            case "remove":
                del parent[last]  # type: ignore[attr-defined]
            case _ if isinstance(parent, dict):
                parent[draw(st.sampled_from(["x", "name", "exit", "x y"]))] = draw(odd_values)
    return document


class Verdict(Enum):
    TAKEN = auto()
    REFUSED = auto()
    REFUSED_BY_A_RULE_BETWEEN_FIELDS = auto()
    """No JSON Schema could tell: either of its verdicts agrees."""


def decoders_verdict(raw: bytes, kind: type[Any]) -> Verdict:
    try:
        decode(raw, kind)
    except DocumentError as error:
        by_rule = error.__cause__ is not None and isinstance(error.__cause__.__cause__, ValueError)
        return Verdict.REFUSED_BY_A_RULE_BETWEEN_FIELDS if by_rule else Verdict.REFUSED
    return Verdict.TAKEN


@pytest.mark.parametrize("name", EXAMPLES)
def test_schema_and_decoder_agree_on_every_document(schema: dict[str, Any], name: str) -> None:
    example = msgspec.json.decode(encode(EXAMPLES[name]))
    validator = jsonschema_rs.validator_for(
        {"$ref": f"#/components/schemas/{name}", "components": schema["components"]}
    )
    assert validator.is_valid(example)

    @settings(max_examples=300, suppress_health_check=[HealthCheck.data_too_large])
    @given(altered(example))
    def agree(document: object) -> None:
        raw = msgspec.json.encode(document)
        opposite = Verdict.REFUSED if validator.is_valid(document) else Verdict.TAKEN
        assert decoders_verdict(raw, type(EXAMPLES[name])) is not opposite, raw

    agree()


def test_every_body_of_the_api_is_among_the_examples(schema: dict[str, Any]) -> None:
    bodies = {
        body["schema"]["$ref"].rsplit("/", 1)[1]
        for path in schema["paths"].values()
        for operation in path.values()
        if (body := operation.get("requestBody", {}).get("content", {}).get("application/json"))
    }
    assert bodies == set(EXAMPLES)


def test_every_reference_leads_somewhere(schema: dict[str, Any]) -> None:
    raw = msgspec.json.encode(schema).decode()
    named = {part.split('"', 1)[0] for part in raw.split("#/components/schemas/")[1:]}
    assert named <= set(schema["components"]["schemas"])


async def test_the_document_is_served_to_the_operator(site: Site, schema: dict[str, Any]) -> None:
    response = await site.http.get("/openapi.json", headers=bearer(site.operator))
    assert response.json() == msgspec.json.decode(msgspec.json.encode(schema))
    assert "/v1/nodes/{name}/assignment/watch" in schema["paths"]


async def test_every_error_is_a_problem(site: Site) -> None:
    for method, path, status in [
        ("GET", "nowhere", 404),
        ("PATCH", "nodes", 405),
        ("PUT", "clusters/main", 422),
        ("GET", "nodes/NAME", 422),
        ("GET", "nodes/nobody", 404),
    ]:
        response = await site.call(method, path)
        assert response.status_code == status, path
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["status"] == status
        assert response.json()["instance"] == f"/v1/{path}"


async def test_an_unforeseen_error_is_a_problem_without_its_inside(site: Site) -> None:
    site.plane.database.close()
    response = await site.call("GET", "nodes")
    assert (response.status_code, response.json()["detail"]) == (500, "see the control plane's log")


async def test_a_body_that_is_too_long_is_refused(site: Site) -> None:
    response = await site.call("PUT", "clusters/main", raw=b" " * (4 * 1024 * 1024 + 1))
    assert response.status_code == 413
