"""An exported PyTorch program as data: what stands in its archive, typed, before PyTorch is even imported.

The archive is a zip with one graph in JSON and the weights as raw bytes, described by two more JSON files. PyTorch's
own loader is not used, because it runs what the archive's author wrote, by any of these doors: it unpickles weights and
constants marked so, custom and opaque objects, sample inputs and files of older layouts; it loads compiled libraries;
it gives expressions of shapes to a symbolic algebra that evaluates them as Python; and it writes the graph's names into
Python source that it compiles. Here the JSON is decoded, the raw bytes are read, and nothing else is touched.
"""

import zipfile
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from agent.backends import archive
from shared.errors import ModelError

SCHEMA = 8
_RAW_CONSTANT = "tensor_"
T = TypeVar("T")
Union = dict[str, Any]  # one member, whose name says what the value is: {"as_int": 3}


class TensorMeta(msgspec.Struct, frozen=True):
    dtype: int
    sizes: tuple[Union, ...]
    strides: tuple[Union, ...]
    storage_offset: Union


class NamedArgument(msgspec.Struct, frozen=True):
    name: str
    arg: Union
    kind: int | None = None


class Node(msgspec.Struct, frozen=True):
    target: str
    inputs: tuple[NamedArgument, ...]
    outputs: tuple[Union, ...]


class Graph(msgspec.Struct, frozen=True):
    inputs: tuple[Union, ...]
    outputs: tuple[Union, ...]
    nodes: tuple[Node, ...]
    tensor_values: dict[str, TensorMeta]


class Signature(msgspec.Struct, frozen=True):
    input_specs: tuple[Union, ...]
    output_specs: tuple[Union, ...]


class CallSignature(msgspec.Struct, frozen=True):
    out_spec: str


class ModuleCall(msgspec.Struct, frozen=True):
    fqn: str
    signature: CallSignature | None = None


class GraphModule(msgspec.Struct, frozen=True):
    graph: Graph
    signature: Signature
    module_call_graph: tuple[ModuleCall, ...]


class SchemaVersion(msgspec.Struct, frozen=True):
    major: int


class Program(msgspec.Struct, frozen=True):
    graph_module: GraphModule
    schema_version: SchemaVersion


class Payload(msgspec.Struct, frozen=True):
    path_name: str
    use_pickle: bool
    tensor_meta: TensorMeta | None = None


class Payloads(msgspec.Struct, frozen=True):
    config: dict[str, Payload]


class Stored(msgspec.Struct, frozen=True):
    """A tensor's bytes, as long as its storage, and how it lies in them."""

    meta: TensorMeta
    content: bytes


class ExportedFile(msgspec.Struct, frozen=True):
    program: Program
    weights: dict[str, Stored]
    constants: dict[str, Stored]


def read(path: Path) -> ExportedFile:
    """Raises ModelError for anything but a program of PyTorch 2.8 or newer whose weights are all raw bytes."""
    with archive.opened(path) as opened:
        root = _root(opened)
        program = _decode(opened, f"{root}/models/model.json", Program)
        if program.schema_version.major != SCHEMA:
            raise ModelError(f"the program has schema {program.schema_version.major}, this reader knows {SCHEMA}")
        return ExportedFile(
            program=program,
            weights=_stored(opened, root, "weights", ""),
            constants=_stored(opened, root, "constants", _RAW_CONSTANT),
        )


def _root(opened: zipfile.ZipFile) -> str:
    """The folder everything lies in, called after the file it was saved to."""
    names = opened.namelist()
    roots = {name.split("/")[0] for name in names}
    root = next(iter(roots), "")
    if len(roots) != 1 or f"{root}/archive_format" not in names or opened.read(f"{root}/archive_format") != b"pt2":
        raise ModelError("the archive is no exported program of PyTorch 2.8 or newer: save it with torch.export.save")
    if opened.read(f"{root}/byteorder") != b"little":
        raise ModelError("the program was saved on a big-endian machine")
    return root


def _stored(opened: zipfile.ZipFile, root: str, folder: str, prefix: str) -> dict[str, Stored]:
    payloads = _decode(opened, f"{root}/data/{folder}/model_{folder}_config.json", Payloads).config
    contents: dict[str, bytes] = {}
    for name, payload in payloads.items():
        if payload.use_pickle or payload.tensor_meta is None or not payload.path_name.startswith(prefix):
            raise ModelError(f"the program's {folder} hold {name!r} as a Python object, not as raw bytes: refused")
        if payload.path_name not in contents:
            contents[payload.path_name] = opened.read(f"{root}/data/{folder}/{payload.path_name}")
    return {
        name: Stored(meta=payload.tensor_meta, content=contents[payload.path_name])
        for name, payload in payloads.items()
        if payload.tensor_meta is not None
    }


def _decode(opened: zipfile.ZipFile, name: str, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(opened.read(name), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ModelError(f"the program's {name.rpartition('/')[2]} cannot be read: {error}") from error


def member(union: Union) -> tuple[str, Any]:
    """The one member of a union. Raises ModelError when there are none or several."""
    if len(union) != 1:
        raise ModelError(f"the program has a value with {len(union)} meanings: {sorted(union)}")
    return next(iter(union.items()))
