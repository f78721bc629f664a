"""Artifacts run tier after tier in one process, by the backends that agents run them by."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from agent.backends.protocol import LoadedSubModel
from agent.backends.registry import choose
from agent.training.exporting.nearness import name
from agent.training.fitting.learner import Arrays
from shared.documents import Artifact, ExportForm, FeaturesEncoding, SubModel
from shared.errors import ModelError
from shared.record.tensor import decode_batch, encode_batch


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """`encoding`: of the features on their way from tier to tier; None: as they are."""

    tiers: tuple[tuple[SubModel, LoadedSubModel], ...]
    encoding: FeaturesEncoding | None

    def answers(self, records: NDArray[Any]) -> Arrays:
        """Of every tier with an exit, had each record come so far. Raises ModelError, also where features are NaN."""
        exits: Arrays = {}
        for sub_model, loaded in self.tiers:
            outputs = loaded.infer(records)
            if outputs.exit is not None:
                exits[sub_model.tier] = outputs.exit
            if outputs.features is not None:
                records = self._sent(outputs.features, sub_model)
        return exits

    def _sent(self, features: NDArray[Any], sub_model: SubModel) -> NDArray[Any]:
        if self.encoding is None or sub_model.features is None:
            return features
        arrived = decode_batch(*encode_batch(features, self.encoding), sub_model.features)
        for error in arrived.errors.values():
            raise ModelError(f"tier {sub_model.tier!r}: of {len(arrived.errors)} records no features arrive: {error}")
        return arrived.batch


@contextmanager
def opened(
    sub_models: Sequence[SubModel],
    form: ExportForm,
    path: Callable[[Artifact], Path],
    *,
    threads: int,
    encoding: FeaturesEncoding | None = None,
) -> Iterator[Chain]:
    """Raises ModelError for an artifact that no agent could run, UnavailableError without a backend for it."""
    backend = choose(form.format)
    with ExitStack() as stack:
        tiers = []
        for one in sub_models:
            try:
                loaded = backend.load(path(_artifact(one, form)), one, threads=threads)
            except ModelError as error:
                raise ModelError(f"tier {one.tier!r} as {name(form)} cannot be run: {error}") from error
            tiers.append((one, stack.enter_context(closing(loaded))))
        yield Chain(tiers=tuple(tiers), encoding=encoding)


def _artifact(sub_model: SubModel, form: ExportForm) -> Artifact:
    return next(one for one in sub_model.artifacts if (one.format, one.precision) == (form.format, form.precision))
