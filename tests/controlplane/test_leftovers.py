"""What nobody came back for is removed in time; what a model, a network or a run names stays for ever."""

import os
from hashlib import sha256

from shared.documents import Problem, decode
from tests.controlplane.federating import NAME, hands_in
from tests.controlplane.federating import stage as federated
from tests.controlplane.stage import Site, content_of, manifest
from tests.controlplane.training import SOURCE, WEIGHTS, hand_in, running

DAY_S = 86_400.0
UNNAMED = b"uploaded, and then no manifest came"
HALF = sha256(b"half of it never came").hexdigest()


async def filled(site: Site) -> None:
    """The artifacts of a model, one that no model names and the beginning of another, all written now."""
    await site.register("edge")
    await site.upload(UNNAMED)
    headers = {"Upload-Offset": "0", "Upload-Length": "21"}
    await site.call("PATCH", f"artifacts/{HALF}", headers=headers, raw=b"half")
    written_now(site)


def written_now(site: Site) -> None:
    """By the clock of the stage."""
    for path in (site.plane.settings.state_dir / "artifacts").iterdir():
        os.utime(path, (site.clock.wall(), site.clock.wall()))


async def received(site: Site, digest: str) -> int:
    return int((await site.call("HEAD", f"artifacts/{digest}")).headers["upload-offset"])


async def test_leftovers_stay_for_a_day(site: Site) -> None:
    await filled(site)
    site.clock.advance(DAY_S - 1)
    await site.plane.leftovers.sweep()
    assert await received(site, sha256(UNNAMED).hexdigest()) == len(UNNAMED)
    assert await received(site, HALF) == 4


async def test_after_a_day_leftovers_are_gone_and_what_a_model_names_stays(site: Site) -> None:
    await filled(site)
    site.clock.advance(DAY_S + 1)
    await site.plane.leftovers.sweep()
    assert await received(site, sha256(UNNAMED).hexdigest()) == 0
    assert await received(site, HALF) == 0
    named = content_of("edge", "one")
    assert await received(site, sha256(named).hexdigest()) == len(named)


async def test_what_a_run_was_made_from_and_what_it_made_stays(site: Site) -> None:
    node, run = await running(site)
    await hand_in(node, run)
    await site.upload(UNNAMED)
    for path in ("training-requests/hourly", "configurations/first", "networks/small"):
        assert (await site.call("DELETE", path)).is_success
    written_now(site)
    site.clock.advance(DAY_S + 1)
    await site.plane.leftovers.sweep()
    for content in (SOURCE, WEIGHTS, content_of("edge", "one")):
        assert await received(site, sha256(content).hexdigest()) == len(content)
    assert await received(site, sha256(UNNAMED).hexdigest()) == 0


async def test_what_a_federation_was_made_from_and_what_it_left_stays_as_long_as_it_is_known(site: Site) -> None:
    hub, _, _ = await federated(site)
    await hands_in(hub, manifest=None, lineage=None)
    for path in ("configurations/first", "networks/small"):
        assert (await site.call("DELETE", path)).is_success
    for is_known in (True, False):
        written_now(site)
        site.clock.advance(DAY_S + 1)
        await site.plane.leftovers.sweep()
        for content in (SOURCE, WEIGHTS):
            assert await received(site, sha256(content).hexdigest()) == (len(content) if is_known else 0)
        await site.call("DELETE", f"federations/{NAME}")


async def test_an_upload_that_goes_on_is_no_leftover(site: Site) -> None:
    await filled(site)
    site.clock.advance(DAY_S + 1)
    headers = {"Upload-Offset": "4", "Upload-Length": "21"}
    await site.call("PATCH", f"artifacts/{HALF}", headers=headers, raw=b" of it")
    written_now(site)
    await site.plane.leftovers.sweep()
    assert await received(site, HALF) == 10


async def test_what_was_removed_is_asked_for_again_when_a_manifest_names_it(site: Site) -> None:
    await site.upload(content_of("edge", "one"))
    written_now(site)
    site.clock.advance(DAY_S + 1)
    await site.plane.leftovers.sweep()
    refused = await site.call("POST", "models/net/versions", manifest("edge"))
    assert (refused.status_code, "upload it" in decode(refused.content, Problem).detail) == (422, True)
    await site.register("edge")
