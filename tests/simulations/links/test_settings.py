from pathlib import Path

import pytest

from shared.documents.codec import encode
from shared.errors import SettingsError, StorageError
from simulations.links.settings import LinkSettings, RouteSettings, ShaperSettings, load, problems

A = LinkSettings(name="a")


def settings(*links: LinkSettings, crossed: tuple[str, ...] = ()) -> ShaperSettings:
    return ShaperSettings(links=links, routes=(RouteSettings(target_port=1, links=crossed),))


def test_good_settings_are_read_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(encode(settings(A, crossed=("a",))))
    assert load(path) == settings(A, crossed=("a",))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (settings(A, A), "more than once"),
        (settings(A, crossed=("b",)), r"routes\[0\].links: there is no link 'b'; there are a"),
        (settings(A, crossed=("a", "a")), "crosses a link once"),
    ],
)
def test_settings_that_contradict_themselves_are_named(wrong: ShaperSettings, words: str, tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(encode(wrong))
    with pytest.raises(SettingsError, match=words):
        load(path)
    assert list(problems(wrong))


def test_a_negative_latency_is_refused_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"links": [{"name": "a", "up": {"latency": -1}}], "routes": []}')
    with pytest.raises(SettingsError, match=r"links\[0\].up.latency"):
        load(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"nowhere\.json"):
        load(tmp_path / "nowhere.json")
