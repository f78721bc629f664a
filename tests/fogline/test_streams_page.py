"""docs/streams.md says what is written and announced, and its programs run."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from shared.streams import control_message
from shared.streams.encoding import RawEncoder
from simulations.kafka.cluster import KafkaCluster

PAGE = (Path(__file__).parents[2] / "docs" / "streams.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_the_bytes_of_a_record_are_these() -> None:
    (shown,) = re.findall(r"```hex\nvalue (.*)\nkey +(.*)\n```", PAGE)
    (pair,) = RawEncoder().encode(np.array([[1.5, -2.0]], "f4"), [3])
    assert tuple(map(bytes.fromhex, shown)) == pair


def test_the_announcement_is_one_and_each_of_its_members_is_explained() -> None:
    (shown,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    _, found = control_message.parse(b"7", shown.encode())
    assert json.loads(control_message.encode(found)) == json.loads(shown)
    table = PAGE[PAGE.index("| member |") :]
    assert [name for name in json.loads(shown) if f"`{name}`" not in table] == []


@pytest.mark.parametrize("code", BLOCKS, ids=range(len(BLOCKS)))
def test_its_programs_run(broker: KafkaCluster, unique: str, code: str) -> None:
    code = code.replace("127.0.0.1:9092", broker.bootstrap_servers.split(",")[0])
    code = re.sub(r'"(digits|readings)"', rf'"{unique}-\1"', code)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=50)
    assert (done.returncode, done.stderr) == (0, "")
