"""A federation, in a line and on a page."""

from fogline.output import console
from fogline.tables import federations as tables
from shared.documents.federation_workloads import (
    FederationProgress,
    FederationState,
    ModelScore,
    ParticipantStanding,
    SiteView,
)
from tests.fogline.federating import view


def shown(what: object) -> str:
    said = console()
    with said.capture() as captured:
        said.print(what)
    return captured.get()


def row(page: str, word: str) -> list[str]:
    (found,) = [line.split() for line in page.splitlines() if line.strip().startswith(word)]
    return found


def test_a_page_says_how_far_it_is_and_what_each_site_did() -> None:
    page = shown(tables.federation(view()))
    assert "model        3/20" in page
    assert "1/2 updates" in page
    assert "epsilon 2.35 at delta 1e-05, at most 8; noise 0.5 at the coordinator" in page
    assert row(page, "east")[:7] == ["east", "running", "3", "0", "6,000", "2", "0"]
    west = " ".join(row(page, "west"))
    assert west.startswith("west failed 0 1 0 - - -")
    assert "federations: 'digits' is not among those; last update refused: tensor 'w' holds NaN" in west
    assert row(page, "south")[:3] == ["south", "gone", "1"]
    assert "note: the deadline passed twice" in page


def test_the_latest_models_stand_with_what_they_are_worth() -> None:
    page = shown(tables.federation(view(12)))
    assert row(page, "12 ")[1:] == ["2026-01-01T00:12:00Z", "2", "0", "62.0%", "0.08333", "52.0%"]
    assert row(page, "11 ")[2:5] == ["2", "0", "to"]
    assert not [line for line in page.splitlines() if line.strip().startswith("4 ")]
    assert "sites' cloud/accuracy" in page


def test_one_that_nobody_has_begun_is_shown_too() -> None:
    waiting = view(state=FederationState.WAITING, progress=FederationProgress(), sites=(), coordinator=None)
    page = shown(tables.federation(waiting))
    assert "No site takes part yet" in page
    assert tables.one_line(waiting) == "digits  waiting  model -"


def test_a_line_says_model_staleness_metrics_and_why_it_ended() -> None:
    line = tables.one_line(view())
    assert line == (
        "digits  running  model 3/20  1/2 updates  sites 1 failed, 1 running  staleness 0  "
        "cloud/accuracy 53.0%, cloud/loss 0.3333  epsilon 2.35"
    )
    ended = view(state=FederationState.FAILED, reason="no coordinator for an hour")
    assert tables.one_line(ended).endswith("no coordinator for an hour")
    finished = view(state=FederationState.FINISHED, model="lenet", version=7)
    assert "lenet/7" in tables.one_line(finished)
    assert "lenet/7" in shown(tables.federations([finished]))


def test_of_one_that_has_ended_no_update_is_awaited() -> None:
    progress = FederationProgress(round=3, awaited=1, ended="rounds")
    ending = view(state=FederationState.ENDING, reason="it has ended (rounds)", progress=progress)
    assert tables.one_line(ending) == "digits  ending  model 3/20  it has ended (rounds)"
    assert "0/1 updates" not in shown(tables.federation(ending))


def test_what_only_the_sites_measure_is_the_latest_there_is() -> None:
    progress = FederationProgress(round=1, history=(ModelScore(round=1, at="", site_metrics={"cloud/loss": 0.25}),))
    assert "cloud/loss 0.25" in tables.one_line(view(progress=progress))


def test_of_many_sites_the_latest_heard_of_are_shown_and_the_others_counted() -> None:
    sites = tuple(
        SiteView(
            node=f"site-{one}",
            phase="running",
            standing=ParticipantStanding(name=f"site-{one}", last_at=f"2026-01-01T00:00:{one:02}.123+00:00"),
        )
        for one in range(30)
    )
    page = shown(tables.federation(view(sites=sites), most_sites=10))
    assert row(page, "site-29 ")[-1] == "2026-01-01T00:00:29Z"
    assert "site-19" not in page
    assert "and 23 more sites" in page
    assert "site-0 " in shown(tables.federation(view(sites=sites)))


def test_announcements_that_nobody_can_read_are_told_of() -> None:
    sites = (SiteView(node="north", phase="running", counters={"refused_announcements": 2.0}),)
    assert "2 announcements cannot be read" in shown(tables.federation(view(sites=sites)))
