"""Every document, made at random from its own definition: written, read again, and damaged."""

import json
import math
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import inspect

import shared.documents as documents
from shared.documents import (
    Document,
    Message,
    ModelManifest,
    Stage,
    SubModel,
    TensorSpec,
    TrainingProgress,
    decode,
    digest,
    encode,
    encode_given,
)
from shared.errors import DocumentError

Kind = type[msgspec.Struct]
KINDS: list[Kind] = [
    kind
    for name in documents.__all__
    if isinstance(kind := getattr(documents, name), type)
    and issubclass(kind, Document | Message)
    and name not in ("Document", "Message", "Workload")
]
LATER = "a_field_of_a_later_version"


def made_from(node: inspect.Type) -> st.SearchStrategy[Any]:
    """Plain values that fit one type of a definition."""
    match node:
        case inspect.Metadata(type=inner):
            return made_from(inner)
        case inspect.IntType(ge=least, le=greatest):
            return st.integers(least, greatest if greatest is not None else 2**53)
        case inspect.FloatType(ge=least, gt=above, le=greatest):
            start = above if above is not None else least
            return st.floats(start, greatest, exclude_min=above is not None, allow_nan=False, allow_infinity=False)
        case inspect.BoolType():
            return st.booleans()
        case inspect.NoneType():
            return st.none()
        case inspect.StrType(pattern=pattern):
            return st.text(max_size=5) if pattern is None else st.from_regex(pattern, fullmatch=True)
        case inspect.EnumType(cls=cls):
            return st.sampled_from(list(cls))
        case inspect.LiteralType(values=values):
            return st.sampled_from(values)
        case inspect.VarTupleType(item_type=item, min_length=least, max_length=greatest):
            return st.lists(made_from(item), min_size=least or 0, max_size=min(greatest or 2, 2)).map(tuple)
        case inspect.DictType(key_type=key, value_type=value):
            return st.dictionaries(made_from(key), made_from(value), max_size=2)
        case inspect.UnionType(types=types):
            return st.one_of([made_from(one) for one in types])
        case inspect.StructType(cls=cls):
            return document(cls)
        case inspect.AnyType():
            return st.none() | st.integers(-9, 9) | st.text(max_size=3)
        case inspect.RawType():
            return st.builds(lambda one: msgspec.Raw(json.dumps(one).encode()), st.integers() | st.just({"kind": "x"}))
    raise NotImplementedError(node)


@cache
def document(kind: Kind) -> st.SearchStrategy[Any]:
    if kind is ModelManifest:
        return manifests()
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    fields = {one.name: made_from(one.type) for one in info.fields}
    required = {one.name: fields.pop(one.name) for one in info.fields if one.required}
    return st.fixed_dictionaries(required, optional=fields).map(lambda given: _checked(kind, given)).filter(_holds)


def _checked(kind: Kind, fields: dict[str, Any]) -> Any:  # noqa: ANN401 - whichever document is asked for
    """None where a rule over several fields does not hold."""
    try:
        return kind(**fields)
    except ValueError:
        return None


def _holds(document: object) -> bool:
    return document is not None


@st.composite
def manifests(draw: st.DrawFn) -> ModelManifest:
    tiers = draw(st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), min_size=1, max_size=3, unique=True))
    specs = [draw(document(TensorSpec)) for _ in tiers]
    classes = TensorSpec(dtype=documents.DType.FLOAT32, shape=(draw(st.integers(1, 10)),))
    artifacts = tuple(draw(st.lists(document(documents.Artifact), min_size=1, max_size=2)))
    subs = [
        SubModel(tier=tier, input=lower, features=upper, exit=classes, artifacts=artifacts)
        for tier, (lower, upper) in zip(tiers, pairwise([*specs, None]), strict=True)
    ]
    return ModelManifest(name="a-model", sub_models=tuple(subs), metrics={"accuracy": 0.5})


def relaxed(test: Callable[..., None]) -> Callable[..., None]:
    slow = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    return settings(max_examples=25, suppress_health_check=slow)(test)


@pytest.mark.parametrize("kind", KINDS)
@relaxed
@given(st.data())
def test_what_is_encoded_is_decoded_again_and_what_is_at_its_default_need_not_be_said(
    kind: Kind, data: st.DataObject
) -> None:
    written = data.draw(document(kind))
    for text in (encode(written), encode_given(written)):
        read = decode(text, kind)
        assert read == written
        assert encode(read) == encode(written)
        assert digest(read) == digest(written)
    assert len(encode_given(written)) <= len(encode(written))


def test_what_equals_its_default_and_is_written_otherwise_is_said() -> None:
    written = TrainingProgress(attempt=1, stage=Stage.FETCHING, records_per_s=-0.0)
    assert digest(decode(encode_given(written), TrainingProgress)) == digest(written)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=5)
@given(st.data())
def test_people_mistype_and_programs_grow(kind: Kind, data: st.DataObject) -> None:
    fields = json.loads(encode(data.draw(document(kind))))
    text = json.dumps(fields | {LATER: 1})
    if issubclass(kind, Message):
        assert decode(text, kind) == decode(json.dumps(fields), kind)
        return
    with pytest.raises(DocumentError, match=LATER):
        decode(text, kind)


@pytest.mark.parametrize("kind", KINDS)
@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
@settings(max_examples=25)
def test_garbage_is_a_document_error_and_nothing_else(kind: Kind, raw: bytes) -> None:
    try:
        decode(raw, kind)
    except DocumentError:
        return
    json.loads(raw)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=20)
@given(st.data())
def test_a_damaged_field_is_a_document_error_that_names_it(kind: Kind, data: st.DataObject) -> None:
    fields = json.loads(encode(data.draw(document(kind))))
    victim = data.draw(st.sampled_from(sorted(fields)))
    fields[victim] = data.draw(st.sampled_from([[[math.pi]], {"a": {"b": [0]}}, "\n", -1, 10**40]))
    try:
        decode(json.dumps(fields), kind)
    except DocumentError as error:
        assert error.field.startswith(victim) or not error.field
        assert str(error).startswith(error.field)
