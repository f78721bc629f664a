"""How the first tier reads what a sensor sends."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from shared.documents.deployment import Decoder, DecoderKind
from shared.documents.types import TensorSpec
from shared.errors import RecordError
from shared.record.avro import avro_reader
from shared.record.decoded import Decoded
from shared.record.json_values import json_reader
from shared.record.tensor import decode_batch, without_bad_numbers


class DecodeBatch(Protocol):
    def __call__(self, values: Sequence[bytes | None], headers: Sequence[bytes | None]) -> Decoded:
        """`values` and `fogline-tensor` headers of a micro-batch; a bad record only gets its entry in `errors`."""
        ...


def decoder_for(decoder: Decoder, spec: TensorSpec) -> DecodeBatch:
    """Raises DocumentError for an Avro schema that is none, UnavailableError without fastavro where it is needed.

    JSON and Avro say themselves what they hold: there the header `fogline-tensor` is not read.
    """
    match decoder.kind:
        case DecoderKind.RAW:
            return lambda values, headers: decode_batch(values, headers, spec)
        case DecoderKind.JSON:
            return one_by_one(json_reader(spec, decoder.field), spec)
        case DecoderKind.AVRO:
            return one_by_one(avro_reader(decoder.schema or "", spec, decoder.field), spec)


def one_by_one(read: Callable[[bytes], NDArray[Any]], spec: TensorSpec) -> DecodeBatch:
    """A decoder of batches from a reader of one record that raises RecordError and nothing else."""

    def decode(values: Sequence[bytes | None], headers: Sequence[bytes | None]) -> Decoded:
        errors: dict[int, RecordError] = {}
        batch = np.zeros((len(values), *spec.shape), spec.dtype.value)
        for index, value in enumerate(values):
            try:
                batch[index] = read(value or b"")
            except RecordError as error:
                errors[index] = error
        return without_bad_numbers(batch, errors)

    return decode
