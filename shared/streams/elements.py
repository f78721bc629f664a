"""What an announcement calls the elements of a tensor, and what they are.

The names are numpy's or Python's own. Python's say what Kafka-ML's sinks write for a Python number: one byte for an
`int`, four for a `float`. numpy's own reading of these two, eight bytes each, is called `int64` and `float64`.
"""

from shared.streams.field_error import FieldError, shown

_OTHER_NAMES = {
    "bool_": "bool",
    "half": "float16",
    "single": "float32",
    "double": "float64",
    "int": "uint8",
    "float": "float32",
}
_BYTES = {
    "bool": 1,
    "int8": 1,
    "int16": 2,
    "int32": 4,
    "int64": 8,
    "uint8": 1,
    "uint16": 2,
    "uint32": 4,
    "uint64": 8,
    "float16": 2,
    "float32": 4,
    "float64": 8,
}


def numpy_name(name: str, field: str) -> str:
    """numpy's name of the elements. Raises FieldError for what holds no numbers."""
    found = _OTHER_NAMES.get(name, name)
    if found not in _BYTES:
        known = ", ".join([*_BYTES, *_OTHER_NAMES])
        raise FieldError(f"{shown(name)} is no type of numbers; announce one of {known}", field=field)
    return found


def size_bytes(name: str, field: str) -> int:
    """Bytes of one element. Raises FieldError for what holds no numbers."""
    return _BYTES[numpy_name(name, field)]
