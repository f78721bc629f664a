import random
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from shared.errors import FoglineError
from simulations.kafka import head_start, ports, runtime, storage
from simulations.kafka.cluster import KafkaCluster
from simulations.kafka.config import ClusterConfig, properties, render
from simulations.kafka.formatted import FILES
from simulations.kafka.runtime import PROGRAMS, Learnt, Runtime


@pytest.fixture(scope="module")
def located() -> Runtime:
    return runtime.locate(heap_mb=256)


def test_where_nothing_is_learnt_java_is_told_nothing(tmp_path: Path) -> None:
    assert [Learnt(folder=tmp_path).options(one) for one in PROGRAMS] == [[], []]


def test_another_java_learns_in_another_place(tmp_path: Path) -> None:
    jars = (tmp_path / "kafka.jar",)
    found = []
    for name in ("25", "26"):
        home = tmp_path / name
        (home / "bin").mkdir(parents=True)
        (home / "release").write_text(f'JAVA_VERSION="{name}"\n')
        found.append(runtime.learnt_by(home / "bin" / "java", jars))
    assert found[0] != found[1]
    assert {one.parent for one in found} == {tmp_path}


def test_an_older_java_is_refused(located: Runtime, tmp_path: Path) -> None:
    home = tmp_path / "java"
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "java").touch()
    (home / "release").write_text('JAVA_VERSION="21.0.1"\n')
    with pytest.raises(FoglineError, match="older than Java 25"):
        head_start.learn(replace(located, java=home / "bin" / "java"), tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_what_was_learnt_is_taken(located: Runtime, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    head_start.learn(located, kept)
    assert sorted(one.name for one in kept.iterdir()) == sorted((*PROGRAMS, *FILES))
    config = ClusterConfig(ports=ports.choose(1, None, random.SystemRandom()))
    (node,) = storage.nodes_in(tmp_path / "cluster", config)
    node.directory.mkdir(parents=True)
    node.settings.write_text(render(properties(config, 1, node.data)))
    taking = replace(located, head_start=Learnt(folder=kept))
    java, *others = taking.format_command(node, "AAAAAAAAAAAAAAAAAAAAAA")
    # So it ends where it would have gone on without.
    strictly = subprocess.run([java, "-XX:AOTMode=on", *others], capture_output=True, text=True, check=False)
    assert strictly.returncode == 0, strictly.stderr
    assert node.is_formatted
    # A node that is formatted by copying has the same files, but for which node of which cluster it is; and it serves.
    (copied,) = storage.prepare(tmp_path / "copied", config, replace(taking, java=Path("/no/java")), timeout_s=1)
    sizes = [{path.name: path.stat().st_size for path in one.data.iterdir()} for one in (copied, node)]
    assert sizes[0].keys() == sizes[1].keys()
    assert sizes[0]["bootstrap.checkpoint"] == sizes[1]["bootstrap.checkpoint"]
    by_copy, by_kafka = identity(copied.data), identity(node.data)
    assert by_copy.keys() == by_kafka.keys()
    for another in (by_kafka, identity(kept)):
        assert {name for name in by_copy if by_copy[name] != another[name]} == {"cluster.id", "directory.id"}
    with KafkaCluster(head_start=Learnt(folder=kept)) as cluster:
        assert cluster.running == (1,)


def identity(folder: Path) -> dict[str, str]:
    lines = (folder / "meta.properties").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if not line.startswith("#"))
