"""The page: one file that needs nothing else, no script, no font, no server. Whatever it is told is escaped."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path

from simulations.report.content import Chart, Estimate, Fact, Report, Section, Table, TableCell, Verdict
from simulations.report.numbers import cell
from simulations.report.tables import numbers_of

# Nothing may be loaded, whatever a file that is reported on smuggled in.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
STYLE = Path(__file__).with_name("page.css")


def page(report: Report, pictures: Mapping[str, str]) -> str:
    """`pictures` are inline SVG, by the names of the charts. Raises KeyError when one is missing."""
    return "".join(_page(report, pictures))


def _page(report: Report, pictures: Mapping[str, str]) -> Iterator[str]:
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    yield f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield f"<title>{escape(report.title)}</title>\n<style>\n{STYLE.read_text()}</style>\n</head>\n<body>\n"
    yield f"<header>\n<h1>{escape(report.title)}</h1>\n{_paragraphs((report.lead,))}{_facts(report.facts)}</header>\n"
    if report.warnings:
        items = "".join(f"<li>{escape(one)}</li>" for one in report.warnings)
        yield f'<aside class="warning"><strong>Before you believe a number</strong><ul>{items}</ul></aside>\n'
    yield _contents(report.sections)
    yield "<main>\n"
    for place, section in enumerate(report.sections, 1):
        yield from _section(place, section, pictures)
    yield from _manifest(report)
    yield "</main>\n</body>\n</html>\n"


def _contents(sections: Sequence[Section]) -> str:
    links = [f'<a href="#section-{place}">{escape(one.title)}</a>' for place, one in enumerate(sections, 1)]
    links.append('<a href="#manifest">Manifest</a>')
    return f"<nav>{' '.join(links)}</nav>\n"


def _section(place: int, section: Section, pictures: Mapping[str, str]) -> Iterator[str]:
    yield f'<section id="section-{place}">\n<h2>{escape(section.title)}</h2>\n{_paragraphs(section.text)}'
    for item in section.items:
        yield _table(item) if isinstance(item, Table) else _figure(item, pictures[item.name])
    yield "</section>\n"


def _figure(chart: Chart, picture: str) -> str:
    name, numbers = escape(chart.name), numbers_of(chart)
    caption = f'<strong id="{name}-title">{escape(chart.title)}.</strong> {escape(chart.caption)}'
    under = _table(numbers, titled=False) if numbers else ""
    drawn = f'<div class="wide">{picture}</div>\n<figcaption>{caption}</figcaption>'
    return f'<figure id="{name}">\n{drawn}\n{under}</figure>\n'


def _table(table: Table, *, titled: bool = True) -> str:
    head = "".join(_heading(table, place, column) for place, column in enumerate(table.columns))
    body = "\n".join(f"<tr>{''.join(_cell(one) for one in row)}</tr>" for row in table.rows)
    inner = f'<div class="wide"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table></div>'
    caption = (
        f'<p class="caption"><strong>{escape(table.title)}.</strong> {escape(table.caption)}</p>' if titled else ""
    )
    if not table.folded:
        return f'<div class="table" id="{escape(table.name)}">{caption}{inner}</div>\n'
    summary = escape(table.title) if titled else "The numbers"
    return f'<details id="{escape(table.name)}"><summary>{summary}</summary>{inner}</details>\n'


def _heading(table: Table, place: int, column: str) -> str:
    """Above numbers it stands to the right, as they do."""
    says_words = any(isinstance(row[place], str | Verdict) for row in table.rows)
    return f"<th>{escape(column)}</th>" if says_words else f'<th class="number">{escape(column)}</th>'


def _cell(found: TableCell) -> str:
    text = escape(cell(found))
    match found:
        case Verdict():
            return f'<td class="{"kept" if found.kept else "missed"}">{text}</td>'
        case Estimate(interval=(_, _)):
            value, interval = text.split(" [", 1)
            return f'<td class="number">{value} <span class="interval">[{interval}</span></td>'
        case int() | float() | Estimate() | None:
            return f'<td class="number">{text}</td>'
        case str():
            return f"<td>{text}</td>"


def _manifest(report: Report) -> Iterator[str]:
    yield '<section id="manifest">\n<h2>Manifest</h2>\n'
    yield "<p>What is needed to run this again and to know whether it was the same.</p>\n"
    yield _facts(report.manifest)
    yield f"<details><summary>The experiment file</summary><pre>{escape(report.experiment)}</pre></details>\n"
    yield "</section>\n"


def _facts(facts: Sequence[Fact]) -> str:
    rows = "".join(f"<dt>{escape(one.name)}</dt><dd>{escape(one.value)}</dd>" for one in facts)
    return f"<dl>{rows}</dl>\n"


def _paragraphs(texts: Sequence[str]) -> str:
    return "".join(f"<p>{escape(text)}</p>\n" for text in texts if text)
