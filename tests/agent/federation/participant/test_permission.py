"""A site's policy is asked each time, of the file as it is then."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from agent.clock import Clock
from agent.federation.participant.permission import Permission
from agent.federation.participant.policy import Asked

ASKED = Asked(federation="shapes", sources=("0" * 64,))
ALLOWED = 'federations = ["shapes"]\nsources = "any"\n'


class Heard:
    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []
        self.news = asyncio.Event()

    def to(self, what: str) -> Callable[[str], None]:
        def said(text: str) -> None:
            self.said.append((what, text))
            self.news.set()

        return said


def permission(folder: Path, heard: Heard, now: datetime) -> Permission:
    own = folder / "participants" / "one"
    own.mkdir(parents=True, exist_ok=True)
    return Permission(
        file=folder / "policy.toml",
        asked=ASKED,
        folder=own,
        clock=Clock(now=lambda: now),
        refused=heard.to("refused"),
        held_up=heard.to("held up"),
        look_s=0.01,
    )


async def mended(permission: Permission, heard: Heard, file: Path, content: str) -> None:
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        granted = tasks.create_task(permission.granted())
        await heard.news.wait()
        assert not granted.done()
        await asyncio.to_thread(file.write_text, content)


async def test_a_refusal_is_told_until_the_sites_people_have_changed_their_file(tmp_path: Path) -> None:
    heard = Heard()
    (tmp_path / "policy.toml").write_text('federations = ["others"]\n')
    await mended(permission(tmp_path, heard, datetime.now(UTC)), heard, tmp_path / "policy.toml", ALLOWED)
    what, why = heard.said[0]
    assert what == "refused"
    assert "federations: 'shapes' is not among those accepted: others" in why
    assert "sources: nobody here has accepted" in why


async def test_hours_are_those_of_the_sites_clock(tmp_path: Path) -> None:
    heard = Heard()
    now = datetime(2026, 11, 22, 12, 0).astimezone()
    (tmp_path / "policy.toml").write_text(ALLOWED + 'hours = ["22:00-06:00"]\n')
    await mended(permission(tmp_path, heard, now.astimezone(UTC)), heard, tmp_path / "policy.toml", ALLOWED)
    assert heard.said[0] == (
        "held up",
        "this site's policy has it wait: hours: it is 12:00, and 22:00-06:00 is allowed",
    )


async def test_what_leaves_is_counted_before_it_does(tmp_path: Path) -> None:
    heard = Heard()
    file = tmp_path / "policy.toml"
    file.write_text(ALLOWED + "bytes_a_day = 100\n")
    allowing = permission(tmp_path, heard, datetime(2026, 11, 22, 12, tzinfo=UTC))
    await allowing.leave(60)
    await allowing.leave(60)
    await mended(allowing, heard, file, ALLOWED + "bytes_a_day = 1000\n")
    assert heard.said[0] == (
        "held up",
        "this site's policy has it wait: bytes_a_day: 120 of 100 bytes were sent today",
    )
