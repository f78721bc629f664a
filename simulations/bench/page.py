"""The table in the docs: between two markers, replaced as a whole."""

from pathlib import Path

from shared.errors import SettingsError

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"


def updated(text: str, table: str) -> str:
    """`text` with `table` between the markers. Raises SettingsError when they are not there, once each."""
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise SettingsError(f"{PAGE} needs the lines {BEGIN} and {END}, in this order")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n\n{table.strip()}\n\n{END}{after}"


def shown(text: str) -> str:
    """What stands between the markers."""
    return text.split(BEGIN)[1].split(END)[0].strip()


def update(table: str, page: Path = PAGE) -> None:
    page.write_text(updated(page.read_text(), table))
