"""Training requests, and how a stream reaches one. Pure."""

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from fogline.tables.shape import card, labels, number, size, table
from shared.documents import CONTROL_TOPIC, Export, TrainingRequest


def requests(documents: Iterable[TrainingRequest]) -> RenderableType:
    return table(
        ("request", "number", "configuration", "cluster", "control topic", "epochs", "on nodes with"),
        (
            (
                one.name,
                str(one.number),
                one.configuration,
                one.cluster,
                one.control_topic,
                str(one.parameters.epochs),
                labels(one.selector),
            )
            for one in documents
        ),
        empty="No training requests yet: `fogline requests put FILE`.",
    )


def request(document: TrainingRequest, *, brokers: Sequence[str]) -> RenderableType:
    """`brokers` of its cluster, empty where they are not known."""
    lines = [Text(line) for line in how_to_announce(document, brokers=brokers)]
    return Group(card(_pairs(document)), Text(), *lines)


def how_to_announce(document: TrainingRequest, *, brokers: Sequence[str]) -> tuple[str, str]:
    """A line for people with Fogline, and one for those with a client of Kafka-ML's."""
    where = ",".join(brokers) or f"the brokers of cluster {document.cluster}"
    return (
        f"Send it a stream:   fogline streams send FILE --topic TOPIC --request {document.name}",
        f"Kafka-ML's clients: deployment_id={document.number}, control_topic={document.control_topic!r}, "
        f"brokers {where} (the record's key is {document.number})",
    )


def _pairs(document: TrainingRequest) -> dict[str, str]:
    given, optimiser = document.parameters, document.parameters.optimiser
    rates = document.rates
    pairs = {
        "request": document.name,
        "number": str(document.number),
        "configuration": document.configuration,
        "cluster": document.cluster,
        "control topic": "" if document.control_topic == CONTROL_TOPIC else document.control_topic,
        "task": document.task.value,
        "training": f"{given.epochs} epochs, batches of {given.batch}, {optimiser.name.value} "
        f"{number(optimiser.learning_rate)} ({optimiser.schedule.value}), seed {given.seed}",
        "early stopping": f"after {given.early_stopping} epochs without gain" if given.early_stopping else "",
        "rates": f"validation {rates.validation:g}, test {rates.test:g}" if rates else "as each stream announces",
        "exported": _exported(document.export),
        "starts from": f"{document.start_from.model}/{document.start_from.version}" if document.start_from else "",
        "on nodes with": _means(document),
        "limits": f"{document.most_attempts} attempts, {document.deadline_s:,.0f} s",
    }
    return {name: value for name, value in pairs.items() if value}


def _exported(export: Export) -> str:
    forms = ", ".join(f"{form.format.value} {form.precision.value}" for form in export.forms)
    tiers = " > ".join(f"{one.tier} (to {one.cut})" if one.cut else one.tier for one in export.tiers)
    return f"{forms}; {tiers or 'a tier for each exit'}"


def _means(document: TrainingRequest) -> str:
    wanted = [
        labels(document.selector) if document.selector else "",
        f"{size(document.memory_bytes)} of memory" if document.memory_bytes else "",
        f"{size(document.gpu_memory_bytes)} of GPU memory" if document.gpu_memory_bytes else "",
    ]
    return ", ".join(filter(None, wanted)) or "-"
