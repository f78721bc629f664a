"""Load a file in a process that may die of it.

An interpreter written in C++ ends its process on some malformed files: tflite-runtime on four of five truncated ones,
LiteRT, which verifies a file's structure, on about one of a thousand with a flipped byte. An agent that died so would
start, load and die again, with everything else it runs. So each file is loaded once, for each version of a framework,
by a process of its own, with nothing beside the file that a wrong offset could lead to; a note beside the file
remembers that it was survived, if the file's name is its digest and so stands for nothing else.
"""

import os
import re
import resource
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np

from agent.backends.flatbuffer.fenced import fenced
from agent.backends.flatbuffer.interpreter import Interpreter, interpreter_class
from shared.errors import ModelError

DEADLINE_S = 120.0
# A third of the share of each that competes with it.
_NICER = 5
_DIGEST = re.compile(r"[0-9a-f]{64}")


def require_survival(path: Path, module: str, version: str) -> None:
    """Raises ModelError when a process that loads and runs the file dies or outlasts the deadline.

    Whatever else is wrong with the file is said by loading it here, afterwards.
    """
    note = path.with_suffix(f".survived-{module}-{version}")
    is_lasting = _DIGEST.fullmatch(path.name) is not None
    if is_lasting and note.exists():
        return
    try:
        outcome = _tried(module, path)
    except subprocess.TimeoutExpired as error:
        raise ModelError(f"{path}: two inferences took longer than {DEADLINE_S:.0f} s") from error
    if outcome.returncode != 0:
        raise ModelError(f"{path} makes {module} {version} crash ({_cause(outcome)}): damaged, or made for another one")
    if is_lasting:
        with suppress(OSError):  # without the note, the file is tried again next time
            note.touch()


def _tried(module: str, path: Path) -> "subprocess.CompletedProcess[bytes]":
    """At a lower priority than ours: a new version must not slow the records that the old one answers meanwhile."""
    command = [sys.executable, "-I", "-m", "agent.backends.flatbuffer.probe", module, str(path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, env=_environment()) as process:
        with suppress(OSError):  # it has ended already, or may not be asked
            os.setpriority(os.PRIO_PROCESS, process.pid, os.getpriority(os.PRIO_PROCESS, 0) + _NICER)
        try:
            said, complained = process.communicate(timeout=DEADLINE_S)
        except BaseException:
            process.kill()
            raise
    return subprocess.CompletedProcess(command, process.returncode, said, complained)


def _environment() -> dict[str, str]:
    """numpy's linear algebra, which no probe needs, starts threads that spin: half of all that a probe would cost."""
    return {**os.environ, "OPENBLAS_NUM_THREADS": "1"}


def _cause(outcome: "subprocess.CompletedProcess[bytes]") -> str:
    if outcome.returncode < 0:
        return f"signal {-outcome.returncode}"
    lines = outcome.stderr.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else f"exit code {outcome.returncode}"


def attempt(module: str, path: Path) -> None:
    """Everything a sub-model's life will do to the interpreter, whatever the manifest says."""
    interpreter = _opened(interpreter_class(module), path)
    for key in interpreter.get_signature_list():
        runner = interpreter.get_signature_runner(key)
        runner.get_input_details()
        runner.get_output_details()
        del runner  # `invoke` refuses while it lives
    for count in (1, 2):
        _invoke(interpreter, count)


def _opened(make: Callable[..., Interpreter], path: Path) -> Interpreter:
    """Without a fence where there is no room for one."""
    try:
        content = fenced(path)
    except OSError:
        return make(model_path=str(path), num_threads=1)
    return make(model_content=content, num_threads=1)


def _invoke(interpreter: Interpreter, count: int) -> None:
    for details in interpreter.get_input_details():
        interpreter.resize_tensor_input(details["index"], [count, *details["shape"][1:]])
    interpreter.allocate_tensors()
    for details in interpreter.get_input_details():
        interpreter.set_tensor(details["index"], np.zeros(details["shape"], details["dtype"]))
    interpreter.invoke()
    for details in interpreter.get_output_details():
        interpreter.get_tensor(details["index"])


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # to die here is no fault of ours that anybody would study
    with suppress(ModelError, ValueError, RuntimeError):  # an error is no crash: the agent will meet and report it
        attempt(sys.argv[1], Path(sys.argv[2]))


if __name__ == "__main__":
    main()
