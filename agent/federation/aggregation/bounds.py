"""What a strategy's parameters may be."""

from typing import Annotated

from msgspec import Meta

Positive = Annotated[float, Meta(gt=0, le=1e6)]
NotNegative = Annotated[float, Meta(ge=0, le=1e6)]
BelowOne = Annotated[float, Meta(ge=0, lt=1)]
UpToOne = Annotated[float, Meta(gt=0, le=1)]
