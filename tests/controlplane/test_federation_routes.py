"""Federations over HTTP: put, placed, told of by their coordinator, ended."""

from typing import Any

import pytest
from msgspec.structs import replace

from controlplane.documents_in_http import Items
from controlplane.store import events
from shared.documents import NodeFacts, Phase, Problem, VersionName, decode
from shared.documents.federation import Invited, Privacy, Rounds
from shared.documents.federation_workloads import (
    FederationState,
    FederationView,
    ModelScore,
    ParticipantStanding,
)
from tests.controlplane.federating import (
    NAME,
    coordinates,
    coordinator,
    facts,
    federation,
    founded,
    hands_in,
    participant,
    progress,
    says,
    stage,
    takes_part,
    tells,
    told,
    view,
)
from tests.controlplane.stage import Site
from tests.controlplane.training import networked


async def test_a_federation_is_given_to_its_coordinator_and_to_every_site(site: Site) -> None:
    hub, north, south = await stage(site)
    workload = await coordinates(hub)
    assert (workload.id, workload.edition, workload.federation) == (f"federation.{NAME}.1.coordinator", 1, federation())
    assert workload.participants == {"north": "key of north", "south": "key of south"}
    assert (workload.noise_key, [one.name for one in workload.clusters]) == ("", ["main"])
    for node in (north, south):
        (part,) = await takes_part(node)
        assert (part.id, part.network.name) == (f"federation.{NAME}.1.participant", "small")
    before = await view(site)
    assert (before.state, before.coordinator) == (FederationState.WAITING, "hub")
    assert before.reason.startswith("hub has not begun to coordinate")
    await says(hub)
    assert (await view(site)).state is FederationState.RUNNING
    listed = await site.ask(Items[FederationView], "GET", "federations")
    assert listed.items == (await view(site),)


async def test_who_nobody_can_coordinate_waits_and_says_for_what(site: Site) -> None:
    await networked(site)
    await participant(site, "north")
    found = await founded(site)
    assert found.state is FederationState.WAITING
    assert found.reason == (
        "waits for a node that coordinates: no node carries coordinator=true: enrol one with it, or label a node so"
    )
    await site.enrol("hub", facts=facts("inference"), coordinator="true")
    await site.place()
    assert "its agent does not run coordinator" in (await view(site)).reason


async def test_the_same_again_changes_nothing_and_another_document_waits_for_the_end(site: Site) -> None:
    hub, _, _ = await stage(site)
    again = await site.call("PUT", f"federations/{NAME}", federation())
    assert (again.status_code, (await view(site)).edition) == (200, 1)
    refused = await site.call("PUT", f"federations/{NAME}", federation(split_seed=1))
    assert refused.status_code == 409
    assert "cancel it and wait for its end, delete it" in refused.text
    assert (await hands_in(hub)).status_code == 204
    assert (await site.call("PUT", f"federations/{NAME}", federation())).status_code == 200
    anew = await site.call("PUT", f"federations/{NAME}", federation(split_seed=1))
    assert (anew.status_code, decode(anew.content, FederationView).edition) == (201, 2)
    assert (await coordinates(hub)).id == f"federation.{NAME}.2.coordinator"


async def test_an_edition_is_given_once_even_when_the_one_before_was_deleted(site: Site) -> None:
    hub, north, _ = await stage(site)
    assert (await site.call("DELETE", f"federations/{NAME}")).status_code == 204
    assert [len((await node.assignment()).workloads) for node in (hub, north)] == [0, 0]
    assert (await site.call("GET", f"federations/{NAME}")).status_code == 404
    assert (await tells(hub, progress())).status_code == 409
    assert (await founded(site)).edition == 2


async def test_only_what_was_seen_is_changed(site: Site) -> None:
    await stage(site)
    seen = (await site.call("GET", f"federations/{NAME}")).headers["etag"]
    other = {"If-Match": '"0"'}
    assert (await site.call("PUT", f"federations/{NAME}", federation(), headers=other)).status_code == 412
    assert (await site.call("DELETE", f"federations/{NAME}", headers=other)).status_code == 412
    assert (await site.call("DELETE", f"federations/{NAME}", headers={"If-Match": seen})).status_code == 204


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"network": "none"}, "network", "PUT /v1/networks/none first"),
        ({"cluster": "none"}, "cluster", "PUT /v1/clusters/none first"),
        ({"participants": Invited(nodes=("north", "east"))}, "participants.nodes[1]", "no node east: enrol it first"),
        ({"start_from": VersionName(model="small", version=9)}, "start_from", "nothing left weights of small/9"),
        ({"classes": 3, "labels": ("a",)}, "labels", "1 names for 3 classes"),
        (
            {"participants": Invited(nodes=("north",)), "rounds": Rounds(quorum=2, updates=2)},
            "rounds.quorum",
            "no round would ever end",
        ),
        ({"participants": Invited(nodes=("north",)), "rounds": Rounds(updates=2)}, "rounds.updates", "deadline_s"),
        ({"name": "other"}, "name", "'other' in the body"),
        ({"stale_after_s": 3.0}, "stale_after_s", "node hub reports every 2 s"),
    ],
)
async def test_what_cannot_be_is_refused_and_names_the_field(
    site: Site, changes: dict[str, Any], field: str, reason: str
) -> None:
    await networked(site)
    await site.enrol("hub", facts=facts("coordinator", report_interval_s=2.0), coordinator="true")
    await participant(site, "north")
    refused = await site.call("PUT", f"federations/{NAME}", federation(**changes))
    problem = decode(refused.content, Problem)
    assert (refused.status_code, problem.field) == (422, field)
    assert reason in problem.detail
    assert (await site.call("GET", f"federations/{NAME}")).status_code == 404


async def test_sites_that_are_named_or_carry_labels_take_part_and_nobody_else(site: Site) -> None:
    hub, north, south = await stage(site, participants=Invited(nodes=("south",)))
    assert [len(await takes_part(node)) for node in (north, south)] == [0, 1]
    assert (await coordinates(hub)).participants == {"south": "key of south"}
    assert [one.node for one in (await view(site)).sites] == ["south"]
    await site.call("DELETE", f"federations/{NAME}")
    await founded(site, participants=Invited(selector={"ward": "b"}))
    assert [len(await takes_part(node)) for node in (north, south)] == [0, 0]
    await site.call("PUT", "nodes/north/labels", {"labels": {"ward": "b"}})
    assert [len(await takes_part(node)) for node in (north, south)] == [1, 0]
    assert (await coordinates(hub)).participants == {"north": "key of north"}


async def test_a_site_that_joins_later_is_told_to_the_coordinator_and_what_stays_the_same_is_not(site: Site) -> None:
    hub, north, _ = await stage(site)
    generations = (await hub.assignment()).generation, (await north.assignment()).generation
    await participant(site, "east")
    await site.place()
    assert set((await coordinates(hub)).participants) == {"east", "north", "south"}
    assert (await hub.assignment()).generation == generations[0] + 1
    assert (await north.assignment()).generation == generations[1]
    await tells(hub, progress(0))
    await says(hub)
    await site.place()
    assert (await hub.assignment()).generation == generations[0] + 1


async def test_a_site_without_a_key_is_not_among_those_who_are_believed(site: Site) -> None:
    hub, north, _ = await stage(site)
    await north.report(facts=facts("inference", "participant"))
    await site.place()
    assert set((await coordinates(hub)).participants) == {"south"}
    shown = {one.node: one for one in (await view(site)).sites}
    assert "it tells no key" in shown["north"].reason
    await north.report(facts=facts("inference", "participant", public_key="another"))
    await site.place()
    assert (await coordinates(hub)).participants["north"] == "another"


async def test_each_site_says_how_it_is_and_the_coordinator_how_it_does(site: Site) -> None:
    hub, north, _ = await stage(site)
    await says(north, kind="participant", reason="waits for data", counters={"updates": 2.0})
    standing = ParticipantStanding(name="north", updates=2, records=80, base=3)
    gone = ParticipantStanding(name="west", updates=1)
    await tells(hub, progress(4, standing, gone))
    await site.enrol("plain")
    shown = {one.node: one for one in (await view(site)).sites}
    assert (shown["north"].phase, shown["north"].reason) == ("running", "waits for data")
    assert (shown["north"].counters, shown["north"].standing) == ({"updates": 2.0}, standing)
    assert shown["north"].last_seen is not None
    assert shown["south"].phase == "pending"
    assert "its agent does not run participant" in shown["plain"].reason
    assert (shown["west"].phase, shown["west"].standing) == ("stopped", gone)
    site.clock.advance(120)
    assert {one.node: one.phase for one in (await view(site)).sites}["north"] == "stale"


async def test_pausing_and_resuming_reach_the_coordinator_and_may_be_said_twice(site: Site) -> None:
    hub, _, _ = await stage(site)
    await says(hub)
    for _ in range(2):
        assert (await told(site, "pause")).state is FederationState.PAUSED
    assert (await coordinates(hub)).is_paused
    for _ in range(2):
        assert (await told(site, "resume")).state is not FederationState.PAUSED
    assert not (await coordinates(hub)).is_paused


async def test_cancelled_before_its_first_model_it_is_over_at_once(site: Site) -> None:
    hub, north, _ = await stage(site)
    for _ in range(2):
        assert (await told(site, "cancel")).state is FederationState.CANCELLED
    assert [len((await node.assignment()).workloads) for node in (hub, north)] == [0, 0]
    for verb in ("pause", "resume"):
        assert (await site.call("POST", f"federations/{NAME}/{verb}")).status_code == 409
    assert (await founded(site)).edition == 2


async def test_cancelled_later_it_ends_with_the_newest_model(site: Site) -> None:
    hub, north, _ = await stage(site)
    await says(hub)
    await tells(hub, progress(2))
    for _ in range(2):
        ending = await told(site, "cancel")
        assert (ending.state, ending.reason) == (FederationState.ENDING, "cancelled by an operator")
    assert (await coordinates(hub)).is_cancelled
    assert len(await takes_part(north)) == 1
    assert (await site.call("POST", f"federations/{NAME}/pause")).status_code == 409
    assert (await hands_in(hub, "cancelled")).status_code == 204
    over = await view(site)
    assert (over.state, over.version, over.ended_at is not None) == (FederationState.CANCELLED, 1, True)
    assert await takes_part(north) == []


async def test_a_coordinator_that_falls_silent_is_replaced_and_not_heard_any_more(site: Site) -> None:
    hub, _, _ = await stage(site)
    await says(hub)
    await tells(hub, progress(5))
    site.clock.advance(61)
    await site.place()
    waiting = await view(site)
    assert (waiting.state, waiting.coordinator) == (FederationState.WAITING, "hub")
    assert waiting.reason.startswith("hub coordinates and is not heard from: bring it back")
    other = await coordinator(site, "hub-2")
    await site.place()
    assert (await view(site)).coordinator == "hub-2"
    assert (await tells(hub, progress(6))).status_code == 409
    await says(other)
    assert (await tells(other, progress(-1))).status_code == 204
    assert (await tells(other, progress(6))).status_code == 204
    now = await view(site)
    assert (now.state, now.progress.round) == (FederationState.RUNNING, 6)


async def test_a_node_that_gets_the_part_back_is_told_to_begin_anew(site: Site) -> None:
    hub, _, _ = await stage(site)
    other = await coordinator(site, "hub-2")
    first = await coordinates(hub)
    await site.call("POST", "nodes/hub/drain")
    assert (await coordinates(other)).term == 2
    await site.call("POST", "nodes/hub/undrain")
    await site.call("POST", "nodes/hub-2/drain")
    assert (first.term, await coordinates(hub)) == (1, replace(first, term=3))


async def test_what_a_coordinator_cannot_do_for_good_is_the_end_and_what_passes_is_not(site: Site) -> None:
    hub, north, _ = await stage(site)
    await says(hub, Phase.FAILED, reason="Kafka does not answer")
    passing = await view(site)
    assert passing.state is FederationState.WAITING
    assert passing.reason == "hub could not coordinate, and tries again: Kafka does not answer"
    await says(hub, Phase.FAILED, reason="there is no strategy 'best'", for_good=True)
    failed = await view(site)
    assert (failed.state, failed.reason) == (FederationState.FAILED, "hub: there is no strategy 'best'")
    assert await takes_part(north) == []
    assert (await founded(site)).edition == 2


async def test_what_is_cancelled_does_not_wait_for_who_is_not_heard_from(site: Site) -> None:
    hub, _, _ = await stage(site)
    await tells(hub, progress(5))
    site.clock.advance(61)
    over = await told(site, "cancel")
    assert over.state is FederationState.CANCELLED
    assert over.reason == "cancelled by an operator; its last model was not handed in: hub is not heard from"


async def test_noise_seeds_have_a_key_that_nobody_but_the_coordinator_is_shown(site: Site) -> None:
    hub, _, _ = await stage(site, privacy=Privacy(norm=1.0))
    key = (await coordinates(hub)).noise_key
    assert len(key) == 44
    for path in (f"federations/{NAME}", "federations", "nodes/hub/assignment"):
        response = await site.call("GET", path)
        assert (response.status_code, key in response.text) == (200, False)
    assert '"noise_key":"***"' in (await site.call("GET", "nodes/hub/assignment")).text
    await told(site, "pause")
    assert (await coordinates(hub)).noise_key == key
    await site.call("DELETE", f"federations/{NAME}")
    await founded(site, privacy=Privacy(norm=1.0))
    assert (await coordinates(hub)).noise_key not in ("", key)


async def test_what_a_federation_uses_is_not_removed_while_it_is_under_way(site: Site) -> None:
    hub, _, _ = await stage(site)
    await site.call("DELETE", "configurations/first")
    for path in ("networks/small", "clusters/main"):
        refused = await site.call("DELETE", path)
        assert (refused.status_code, f"in use by federation {NAME}" in refused.text) == (409, True)
    await hands_in(hub)
    for path in ("networks/small", "clusters/main"):
        assert (await site.call("DELETE", path)).status_code == 204


async def test_two_federations_share_their_sites_and_a_training_run_is_not_kept_from_them(site: Site) -> None:
    _, north, _ = await stage(site)
    second = federation(name="wards")
    assert (await site.call("PUT", "federations/wards", second)).status_code == 201
    assert [one.federation.name for one in await takes_part(north)] == [NAME, "wards"]


async def test_a_site_that_is_drained_leaves_and_what_it_sent_is_still_believed(site: Site) -> None:
    hub, north, _ = await stage(site)
    await site.call("POST", "nodes/north/drain")
    assert await takes_part(north) == []
    assert set((await coordinates(hub)).participants) == {"north", "south"}
    shown = {one.node: one for one in (await view(site)).sites}
    assert shown["north"].reason == "draining: undrain it"


async def test_a_backend_that_the_network_needs_is_needed_of_everybody(site: Site) -> None:
    await networked(site)
    bare = NodeFacts(cores=1, memory_bytes=9, backends=("litert",), workload_kinds=("coordinator", "participant"))
    await site.enrol("hub", facts=bare, coordinator="true")
    found = await founded(site)
    assert "no backend keras: install it there" in found.reason
    assert "no backend keras: install it there" in found.sites[0].reason


async def test_the_longest_report_there_is_fits_and_a_longer_one_does_not(site: Site) -> None:
    hub, _, _ = await stage(site)
    names = [f"site-{number:05}".ljust(63, "x") for number in range(10_000)]
    model = ModelScore(
        round=0, at="2027-01-01T00:00:00.000Z", updates=100, staleness=dict.fromkeys(names[:100], 3), metrics={"x": 0.5}
    )
    standings = [ParticipantStanding(name=name, updates=9, last_at=model.at, reason="n" * 200) for name in names]
    history = tuple(replace(model, round=number) for number in range(1000))
    longest = progress(999, *standings, history=history)
    assert (await tells(hub, longest)).status_code == 204
    assert len((await view(site)).progress.history) == 1000
    assert (await tells(hub, replace(longest, history=history * 2))).status_code == 413


async def test_milestones_are_events_and_rounds_are_not(site: Site) -> None:
    hub, _, _ = await stage(site)
    refused = ParticipantStanding(name="north", refused=1, reason="it holds a value that is no number")
    for round_ in range(3):
        await tells(hub, progress(round_))
    for count in (1, 2):
        await tells(hub, progress(3, replace(refused, refused=count)))
    for verb in ("pause", "pause", "resume"):
        await told(site, verb)
    await hands_in(hub)
    assert await kinds(site) == [
        ("federation_put", {"edition": 1}),
        ("federation_placed", {"node": "hub"}),
        ("federation_opened", {"edition": 1}),
        ("federation_update_refused", {"participant": "north", "reason": refused.reason}),
        ("federation_paused", {}),
        ("federation_resumed", {}),
        ("federation_ended", {"cause": "rounds", "round": 3}),
        ("federation_finished", {"version": "small/1"}),
    ]


async def kinds(site: Site) -> list[tuple[str, dict[str, Any]]]:
    there = await site.plane.database.run(lambda session: events.after(session, 0, limit=500))
    return [(one.kind, one.detail) for one in there if one.subject == f"federation/{NAME}"]
