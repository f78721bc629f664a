"""Whoever is refused finds the reason in docs/federation.md: the words are those of the functions that give them."""

import dataclasses
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from agent.clusters import own
from agent.federation.coordinator.deciding import Offer, on_offer
from agent.federation.coordinator.decisions import Cause, Refused
from agent.federation.coordinator.soundness import obstacle, stranger
from agent.federation.coordinator.standing import Participant, Standing
from agent.federation.participant import policy_file
from agent.federation.participant.catalogue import Stream
from agent.federation.participant.choosing import Choice, choice, lesson
from agent.federation.participant.matching import Found, mismatches
from agent.federation.participant.policy import Asked, Policy, may_go_on, refusals
from agent.federation.weights import UnlikeError, require_like
from agent.federation.wire.chunks import ChunkKey
from agent.federation.wire.inbox import Inbox
from agent.federation.wire.manifests import Content, UpdateManifest
from controlplane.federation_demands import waits_for
from controlplane.federation_sites import Seen, sites
from controlplane.fleet import Node, Obstacle
from controlplane.world import Placed
from shared.documents import Cluster, DType, NodeFacts, Phase, WorkloadStatus
from shared.documents.federation import Federation, LearntData, Requirements, Rounds
from shared.documents.federation_workloads import FederationProgress, ParticipantStanding
from shared.errors import SettingsError
from shared.streams.announcement import Announcement
from shared.streams.inputs import RawInput
from shared.streams.ranges import Range
from tests.controlplane.federating import federated

PAGE = (Path(__file__).parents[2] / "docs" / "federation.md").read_text()
RUNNING = WorkloadStatus(id="f", kind="participant", phase=Phase.RUNNING, revision="r")
WEIGHTS = {"w": np.zeros((2, 2), np.float32)}


def of_policy() -> Iterator[str]:
    """Each of the reasons that a policy gives."""
    strict = Policy(federations=("other",), most_norm=1.0, least_noise=0.5, hours=("01:00-02:00",), bytes_a_day=1)
    yield from refusals(strict, Asked(federation="digits", sources=("0" * 64,)))
    yield may_go_on(strict, now=datetime(2026, 1, 1, 12), sent_today=0)  # noqa: DTZ001 - by the site's clock
    yield may_go_on(Policy(bytes_a_day=1), now=datetime(2026, 1, 1, 12), sent_today=2)  # noqa: DTZ001 - the same
    try:
        own("site", {})
    except SettingsError as error:
        yield str(error)


def of_matching() -> Iterator[str]:
    wanted = Requirements(
        shape=(28, 28), dtype=DType.UINT8, label_shape=(1,), label_dtype=DType.INT64, records=500,
        restrictions={"a": 1, "b": {"c": 1}, "d": {"min": 0, "max": 1}, "e": {}},
    )  # fmt: skip
    given = {"b": {"c": 2}, "d": {"min": -1, "max": 2}, "e": 3}
    yield from mismatches(
        wanted,
        Found(shape=(3,), dtype="int8", label_shape=(2,), label_dtype="int8", records=3, restrictions=given),
    )


def of_control_plane() -> Iterator[str]:
    """Of a site that has no policy, or is gone, or is given no part; and where nobody coordinates."""
    facts = NodeFacts(cores=4, memory_bytes=1, backends=("keras",), workload_kinds=("participant",))
    node = Node(name="here", labels={}, facts=facts)
    share = Placed(owner="f", part="p", node="here", revision="r", since=0)
    here = Seen(node=node, last_seen=None, status=RUNNING, share=share, since=0, is_stale=False)
    one = federated()
    gone = FederationProgress(participants=(ParticipantStanding(name="gone"),))
    yield from (site.reason for site in sites(one, [here], gone, now=0) if site.reason)
    yield sites(one, [dataclasses.replace(here, share=None)], FederationProgress(), now=0)[0].reason
    for hindrance in set(Obstacle) - {Obstacle.GPU_MEMORY, Obstacle.SLOT}:
        yield hindrance.value.format(kind="participant", needs="backend keras: install it there")
    yield waits_for(one, {}, {})
    yield waits_for(one, {one.wanted.cluster: Cluster(name="main", bootstrap_servers=("k:9092",))}, {})


def of_policy_file(folder: Path) -> Iterator[str]:
    (folder / "policy.toml").write_text("bytes_a_day = -1")
    for file in (None, folder / "nowhere.toml", folder / "policy.toml"):
        try:
            policy_file.read(file)
        except SettingsError as error:
            yield str(error)


def of_choosing() -> Iterator[str]:
    """A stream of one record for a federation that asks for two, of another shape, and none at all."""
    announced = Announcement(
        ranges=(Range(topic="t", partition=0, start=0, end=1),), input=RawInput(data_type="uint8", label_type="uint8")
    )
    found = Found(shape=(1,), dtype="uint8", label_shape=None, label_dtype="uint8", records=1)
    stream = Stream(announcement=announced, announced_ms=0, found=found)
    for data in LearntData:
        wanted = Federation(name="f", network="n", cluster="c", requirements=Requirements(records=2), data=data)
        yield str(lesson(wanted, choice(wanted.requirements, [stream]), [announced.ranges], ()))
    yield str(lesson(wanted, choice(Requirements(shape=(2,)), [stream]), [], ()))
    yield str(lesson(wanted, Choice(streams=(), unfit=()), [], ()))


def of_weights() -> Iterator[str]:
    nan = np.full((2, 2), np.nan, np.float32)
    wrong = [{}, {"w": nan}, {"w": nan[0]}, {"w": nan.astype(np.float64)}, {**WEIGHTS, "x": nan}]
    for one in wrong:
        try:
            require_like(one, WEIGHTS)
        except UnlikeError as error:
            yield str(error)


def of_manifests() -> Iterator[str]:
    manifest = UpdateManifest(
        federation="f",
        edition=1,
        participant="p",
        number=1,
        base=0,
        encoding="float32",
        records=1,
        steps=1,
        content=Content(chunks=1, size_bytes=1, sha256="0" * 64),
    )
    for who in (("g", 1, "p"), ("f", 2, "p"), ("f", 1, "q")):
        yield stranger(manifest, *who)
    yield stranger(replace(manifest, schema=2), "f", 1, "p")
    wanted = Federation(name="f", network="n", cluster="c", requirements=Requirements(records=2))
    for one in (manifest, replace(manifest, encoding="int8"), replace(manifest, records=0), replace(manifest, steps=0)):
        yield obstacle(one, wanted)


def of_deciding() -> Iterator[str]:
    before = Participant(number=1, base=4)
    for standing, base, spent in (
        (Standing(round=9), 10, None),
        (Standing(round=9, participants={"p": before}), 4, None),
        (Standing(round=9), 1, None),
        (Standing(round=9, ended=Cause.ROUNDS), 9, None),
        (Standing(round=9), 9, 0),
    ):
        offer = Offer(participant="p", number=2, base=base, records=1, steps=1, offset=0, sha256="0" * 64)
        decision = on_offer(standing, Rounds(most_stale=3), offer, at=0.0, most_updates=spent)
        assert isinstance(decision, Refused)
        yield decision.reason


def of_inbox(folder: Path) -> Iterator[str]:
    content = Content(chunks=2, size_bytes=2, sha256="0" * 64)
    for places, promised in (
        ((), content),
        ((0, 2), content),
        ((0, 1, 2, 3), content),
        ((0,), content),
        ((0,), Content(chunks=1, size_bytes=2, sha256="0" * 64)),
        ((0,), Content(chunks=1, size_bytes=1, sha256="0" * 64)),
    ):
        inbox = Inbox(folder / "inbox", most_bytes=3)
        for place in places:
            inbox.take(ChunkKey(1, place), b"x")
        try:
            inbox.whole(1, promised)
        except UnlikeError as error:
            yield str(error)


def test_every_reason_of_a_refusal_stands_with_its_remedy(tmp_path: Path) -> None:
    rows = re.findall(r"^\| (`.*?`) \|", PAGE[PAGE.index("## Troubleshooting") :], re.MULTILINE)
    patterns = [
        re.compile(re.escape(reason).replace("…", ".*")) for row in rows for reason in re.findall(r"`(.*?)`", row)
    ]
    of_sites = [*of_policy(), *of_policy_file(tmp_path), *of_matching(), *of_choosing(), *of_control_plane()]
    of_updates = [*of_weights(), *of_manifests(), *of_deciding(), *of_inbox(tmp_path)]
    assert (len(of_sites), len(of_updates)) == (7 + 3 + 10 + 4 + 11, 5 + 8 + 5 + 6)
    reasons = of_sites + of_updates
    assert [reason for reason in reasons if not any(one.fullmatch(reason) for one in patterns)] == []


def test_every_field_of_a_policy_has_a_reason() -> None:
    found = {reason.partition(":")[0] for reason in of_policy()}
    assert set(Policy.__struct_fields__) <= found
