"""Archives that would run their author's code when PyTorch's own loader opens them, and what happens here."""

import json
import pickle
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agent.backends.protocol import LoadedSubModel
from agent.backends.torch import TorchBackend
from shared.documents import ArtifactFormat
from shared.errors import ModelError
from tests.agent.backends import tiny
from tests.agent.backends.conftest import Kit

pytestmark = pytest.mark.slow

Json = Any
Entries = dict[str, bytes]
Edit = Callable[[Entries, Path], None]
WEIGHTS = "both/data/weights/model_weights_config.json"
CONSTANTS = "both/data/constants/model_constants_config.json"
GRAPH = "both/models/model.json"


class Touch:
    """Unpickling it makes a file."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Callable[[Path], None], tuple[Path]]:
        return Path.touch, (self.mark,)


def rewritten(kit: Kit, folder: Path, edit: Edit) -> Path:
    with zipfile.ZipFile(kit.files["both"]) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    edit(entries, folder / "mark")
    path = folder / "both.pt2"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def in_json(entries: Entries, name: str, change: Callable[[Json], None]) -> None:
    document = json.loads(entries[name])
    change(document)
    entries[name] = json.dumps(document).encode()


def pickled(mark: Path) -> bytes:
    """As `torch.load` reads it, in its oldest format: a bare pickle."""
    return pickle.dumps(Touch(mark), protocol=2)


def weight_as_pickle(entries: Entries, mark: Path) -> None:
    in_json(entries, WEIGHTS, lambda document: document["config"]["dense.bias"].update(use_pickle=True))
    path = json.loads(entries[WEIGHTS])["config"]["dense.bias"]["path_name"]
    entries[f"both/data/weights/{path}"] = pickled(mark)


def constant_as_pickle(entries: Entries, mark: Path) -> None:
    constant_called("tensor_0", use_pickle=True)(entries, mark)


def constant_called(path_name: str, *, use_pickle: bool = False) -> Edit:
    def edit(entries: Entries, mark: Path) -> None:
        meta = json.loads(entries[WEIGHTS])["config"]["dense.bias"]["tensor_meta"]
        payload = {"path_name": path_name, "is_param": False, "use_pickle": use_pickle, "tensor_meta": meta}
        in_json(entries, CONSTANTS, lambda document: document["config"].update(surprise=payload))
        entries[f"both/data/constants/{path_name}"] = pickled(mark)

    return edit


def sample_inputs(entries: Entries, mark: Path) -> None:
    entries["both/data/sample_inputs/model.pt"] = pickled(mark)


def older_weights(entries: Entries, mark: Path) -> None:
    entries["both/data/weights/model.pt"] = pickled(mark)


def shape_expression(entries: Entries, mark: Path) -> None:
    expression = {"as_expr": {"expr_str": f"__import__('pathlib').Path('{mark}').touch()", "hint": None}}

    def change(document: Json) -> None:
        document["graph_module"]["graph"]["tensor_values"]["images"]["sizes"][0] = expression

    in_json(entries, GRAPH, change)


def name_of_a_node(entries: Entries, mark: Path) -> None:
    """Names become Python source when PyTorch compiles a graph."""
    code = f"images=__import__('pathlib').Path('{mark}').touch()"
    entries[GRAPH] = entries[GRAPH].replace(b'"name": "images"', json.dumps({"name": code})[1:-1].encode())
    in_json(
        entries,
        GRAPH,
        lambda document: document["graph_module"]["graph"]["tensor_values"].update(
            {code: document["graph_module"]["graph"]["tensor_values"]["images"]}
        ),
    )


def guard(entries: Entries, mark: Path) -> None:
    in_json(entries, GRAPH, lambda document: document.update(guards_code=[f"open('{mark}', 'w')"]))


def compiled_library(entries: Entries, mark: Path) -> None:
    entries["both/data/aotinductor/model/model.so"] = b"\x7fELF"


def calling(target: str, *arguments: dict[str, Any]) -> Edit:
    """The program's first operator becomes another one."""

    def change(document: Json) -> None:
        node = document["graph_module"]["graph"]["nodes"][0]
        node["target"] = target
        node["inputs"] = [{"name": "", "arg": argument, "kind": 1} for argument in arguments]

    return lambda entries, mark: in_json(entries, GRAPH, change)


HARMLESS = [sample_inputs, older_weights, shape_expression, name_of_a_node, guard, compiled_library]
REFUSED = {
    "pickled weight": (weight_as_pickle, "Python object"),
    "pickled constant": (constant_as_pickle, "Python object"),
    "custom object": (constant_called("custom_obj_0"), "Python object"),
    "opaque object": (constant_called("opaque_obj_0"), "Python object"),
    "module": (calling("torch.os.system", {"as_string": "true"}), "a sub-model may not"),
    "loader": (calling("torch.hub.load", {"as_string": "x"}), "a sub-model may not"),
    "write a file": (calling("torch.ops.aten.save.default", {"as_string": "x"}), "a sub-model may not"),
    "map a file": (calling("torch.ops.aten.from_file.default", {"as_string": "/etc/passwd"}), "a sub-model may not"),
    "unchecked": (calling("torch.ops.aten._reshape_alias.default", {"as_ints": [1]}), "a sub-model may not"),
    "higher order": (calling("torch.ops.higher_order.wrap", {"as_operator": "torch.os.system"}), "neither tensor"),
    "function": (calling("torch.ops.aten.relu.default", {"as_operator": "torch.os.system"}), "neither tensor"),
    "graph": (calling("torch.ops.aten.relu.default", {"as_graph": {"name": "x", "graph": {}}}), "graph within"),
    "unknown name": (calling("torch.ops.aten.relu.default", {"as_tensor": {"name": "nobody"}}), "cannot be read"),
}


def load(path: Path) -> LoadedSubModel:
    return TorchBackend().load(path, tiny.sub_model(ArtifactFormat.TORCH), threads=1)


@pytest.mark.parametrize("edit", HARMLESS, ids=lambda edit: edit.__name__)
def test_what_pytorch_would_run_is_not_even_read(torch_kit: Kit, tmp_path: Path, edit: Edit) -> None:
    outputs = load(rewritten(torch_kit, tmp_path, edit)).infer(tiny.batch(3))
    np.testing.assert_allclose(outputs.exit, tiny.exit(tiny.batch(3)), rtol=1e-4)  # type: ignore[arg-type]
    assert not (tmp_path / "mark").exists()


@pytest.mark.parametrize(("edit", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_no_sub_model_needs_is_refused(torch_kit: Kit, tmp_path: Path, edit: Edit, reason: str) -> None:
    with pytest.raises(ModelError, match=reason):
        load(rewritten(torch_kit, tmp_path, edit))
    assert not (tmp_path / "mark").exists()


@pytest.mark.parametrize("edit", [weight_as_pickle, shape_expression], ids=lambda edit: edit.__name__)
def test_pytorchs_own_loader_runs_what_such_an_archive_says(torch_kit: Kit, tmp_path: Path, edit: Edit) -> None:
    """The reason for a reader of our own. Once this fails, look whether it is still needed."""
    path = rewritten(torch_kit, tmp_path, edit)
    script = f"import torch; torch.export.load({str(path)!r})"
    subprocess.run([sys.executable, "-W", "ignore", "-c", script], capture_output=True, check=False)
    assert (tmp_path / "mark").exists()


def test_the_backend_does_not_import_the_part_of_pytorch_that_clashes_with_tensorflow(torch_kit: Kit) -> None:
    script = f"""
import sys
from tests.agent.backends.test_exported_program import Path, load
load(Path({str(torch_kit.files["both"])!r}))
assert "torch" in sys.modules and "torch._dynamo" not in sys.modules and "sympy" not in sys.modules
"""
    outcome = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stderr


def test_another_schema_is_refused(torch_kit: Kit, tmp_path: Path) -> None:
    def edit(entries: Entries, mark: Path) -> None:
        in_json(entries, GRAPH, lambda document: document["schema_version"].update(major=9))

    with pytest.raises(ModelError, match="schema 9"):
        load(rewritten(torch_kit, tmp_path, edit))


def test_a_weight_larger_than_its_bytes_is_refused(torch_kit: Kit, tmp_path: Path) -> None:
    def change(document: Json) -> None:
        document["config"]["dense.bias"]["tensor_meta"]["sizes"] = [{"as_int": 1 << 20}]

    with pytest.raises(ModelError, match="storage"):
        load(rewritten(torch_kit, tmp_path, lambda entries, mark: in_json(entries, WEIGHTS, change)))


def test_a_compressed_archive_is_refused(torch_kit: Kit, tmp_path: Path) -> None:
    path = tmp_path / "small.pt2"
    with zipfile.ZipFile(torch_kit.files["both"]) as archive, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as small:
        for name in archive.namelist():
            small.writestr(name, archive.read(name))
    with pytest.raises(ModelError, match="compressed"):
        load(path)
