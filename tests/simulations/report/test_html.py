from html.parser import HTMLParser

import pytest

from simulations.report.content import Report
from simulations.report.html import page

VOID = {"meta"}


class Reader(HTMLParser):
    """What a browser would make of a page: elements, their attributes, and whether they are well nested."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def read(report: Report) -> Reader:
    return Reader(page(report, {chart.name: "<svg></svg>" for chart in report.charts}))


def test_nothing_said_becomes_an_element_or_a_reference(read: Reader) -> None:
    assert not {"script", "link", "img", "iframe", "object"} & set(read.tags)
    references = [value or "" for name, value in read.attributes if name in {"href", "src", "action"}]
    assert references
    assert all(value.startswith("#") for value in references)
    assert not [name for name, _ in read.attributes if name.startswith("on")]


def test_what_was_said_is_read_as_it_was_said(read: Reader, report: Report) -> None:
    assert read.text.count(report.title) >= 15


def test_links_within_the_page_lead_somewhere(read: Reader) -> None:
    ids = [value for name, value in read.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    assert {value for name, value in read.attributes if name == "href"} <= {f"#{one}" for one in ids}


def test_a_browser_is_told_to_load_nothing(read: Reader) -> None:
    policy = next(value for name, value in read.attributes if name == "content" and value and "default-src" in value)
    assert "default-src 'none'" in policy


def test_a_missing_picture_is_an_error(report: Report) -> None:
    with pytest.raises(KeyError):
        page(report, {})
