"""The whole report of a run."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from simulations.report.content import Fact, Report, Section
from simulations.report.gathering import comparison, costs, faults, latency, meanwhile, ratios, whereabouts
from simulations.report.gathering.doubts import doubts
from simulations.report.gathering.source import Source, read

METHOD = (
    "Everything ran on one machine: the brokers, the control plane, the agents and the clients are the real programs, "
    "each in a process of its own; only the links between them are shaped. Clients do not wait for answers.",
    "Intervals hold 95 % and come from a bootstrap that draws whole repetitions, because records of one repetition are "
    "not independent. Percentiles are values that were really seen.",
)


MODELLED = (
    "No program ran. A model of clients, links, brokers, micro-batches and agents computed every time in this report, "
    "from how long the work of each took: {}. What the model leaves out is not in it.",
    METHOD[1],
)


def gathered(run: Path, against: Path | None = None) -> Report:
    """Raises SettingsError where no run lies or none of it was finished, DocumentError, StorageError."""
    return report(read(run), read(against) if against else None)


def report(source: Source, other: Source | None = None) -> Report:
    experiment = source.file.experiment
    return Report(
        title=experiment.title or experiment.name,
        lead=_lead(source),
        facts=tuple(_facts(source)),
        sections=tuple(_sections(source, other)),
        manifest=tuple(flattened(source.manifest)),
        experiment=source.file.text,
        warnings=doubts(source),
    )


def _lead(source: Source) -> str:
    repetitions = source.file.experiment.repetitions
    size = f"{len(source.cells)} cells, {repetitions} repetitions each"
    return f"Modelled, not measured: {size}." if source.modelled else f"{size}, in turns."


def flattened(document: Mapping[str, object], before: str = "") -> Iterator[Fact]:
    """What is nested, by its whole path."""
    for name, value in document.items():
        match value:
            case dict():
                yield from flattened(value, f"{before}{name}.")
            case _:
                yield Fact(name=f"{before}{name}", value=str(value))


def _sections(source: Source, other: Source | None) -> Iterator[Section]:
    yield latency.section(source)
    made = (
        ratios.section(source),
        latency.throughput(source),
        whereabouts.section(source),
        meanwhile.section(source),
        faults.section(source),
        costs.section(source),
    )
    yield from (section for section in made if section)
    if other:
        yield comparison.section(source, other)
    yield costs.everything(source)
    yield _method(source)


def _method(source: Source) -> Section:
    if not source.modelled:
        return Section(title="How it was measured", text=METHOD)
    return Section(title="How it was computed", text=tuple(text.format(source.modelled) for text in MODELLED))


def _facts(source: Source) -> Iterator[Fact]:
    yield Fact(name="experiment", value=source.file.experiment.name)
    yield Fact(name="its digest", value=source.file.digest)
    yield Fact(name="records", value=f"{len(source.tables.records['id']):,}")
    yield Fact(name="repetitions", value=f"{source.finished} of {source.planned} finished")
    for name in ("began", "commit", "code_digest"):
        if source.manifest.get(name):
            yield Fact(name=name.replace("_", " "), value=str(source.manifest[name]))
