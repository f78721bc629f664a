from pathlib import Path

from msgspec.structs import replace

from agent.inference.memory import MICRO_BATCH_BYTES, bounded_batching, give_back
from shared.documents import Batching, Cluster, DType, InferenceWorkload, TensorSpec
from tests.agent.inference.arithmetic import Arithmetic
from tests.agent.inference.tiers import Networks, document


def _edge(tmp_path: Path, input_shape: tuple[int, ...], upper: str | None = None) -> InferenceWorkload:
    version = Networks(tmp_path).add(Arithmetic(tier="edge", version=1))
    sub_model = replace(version.sub_model, input=TensorSpec(dtype=DType.FLOAT32, shape=input_shape))
    here = Cluster(name="here", bootstrap_servers=("kafka:9092",))
    edge = document("edge", [replace(version, sub_model=sub_model)], {"edge": here, "fog": here}, "d", upper=upper)
    return replace(edge, batching=Batching(max_records=256, max_wait_ms=3.0))


def test_small_records_fill_the_micro_batch_the_operator_wants(tmp_path: Path) -> None:
    assert bounded_batching(_edge(tmp_path, (4,))) == Batching(max_records=256, max_wait_ms=3.0)


def test_large_records_bound_it(tmp_path: Path) -> None:
    bounded = bounded_batching(_edge(tmp_path, (128, 128)))
    assert bounded.max_records * 128 * 128 * 4 <= MICRO_BATCH_BYTES
    assert bounded.max_wait_ms == 3.0


def test_one_record_always_fits(tmp_path: Path) -> None:
    assert bounded_batching(_edge(tmp_path, (4096, 4096), upper="fog")).max_records == 1


def test_giving_memory_back_may_be_asked_for_anywhere() -> None:
    give_back()
