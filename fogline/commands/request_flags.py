"""The words of `fogline requests put`: a document, and options that each stand for one field of it."""

from typing import Annotated

import typer

from shared.documents import ArtifactFormat, Precision

Given = Annotated[
    str,
    typer.Argument(
        metavar="FILE | REQUEST", help="A document in JSON or TOML, `-` is stdin; a name with --configuration."
    ),
]
Configuration = Annotated[str | None, typer.Option(metavar="NAME", help="Whose networks are trained.")]
Cluster = Annotated[str | None, typer.Option(metavar="NAME", help="Where streams are announced.")]
ControlTopic = Annotated[str | None, typer.Option(metavar="TOPIC", help="Where they are announced there.")]
Number = Annotated[int | None, typer.Option(min=1, help="What a stream calls it; else the least that is free.")]
Epochs = Annotated[int | None, typer.Option(min=1, help="How often every record is learnt from.")]
Batch = Annotated[int | None, typer.Option(min=1, help="Records a step.")]
LearningRate = Annotated[float | None, typer.Option(min=0, help="Of the optimiser.")]
Seed = Annotated[int | None, typer.Option(min=0, help="Of the first weights and the order of the records.")]
EarlyStopping = Annotated[int | None, typer.Option(metavar="EPOCHS", min=1, help="End after so many without gain.")]
Share = Annotated[float | None, typer.Option(metavar="SHARE", min=0, max=1, help="In place of the stream's own.")]
Formats = Annotated[list[ArtifactFormat] | None, typer.Option(help="What is exported. Repeatable.")]
Precisions = Annotated[list[Precision] | None, typer.Option(help="In which it is exported. Repeatable.")]
StartFrom = Annotated[
    str | None, typer.Option(metavar="MODEL[/NUMBER|@ALIAS]", help="Begin with the weights of this version.")
]
Selector = Annotated[
    list[str] | None, typer.Option(metavar="KEY=VALUE", help="Only on nodes with this label. Repeatable.")
]
