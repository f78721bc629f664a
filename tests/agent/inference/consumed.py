"""Records as a Kafka client hands them over, without a broker."""

from collections.abc import Sequence

from aiokafka.structs import ConsumerRecord

from agent.inference.batch import Consumed
from agent.inference.sub_model import SubModelInUse
from shared.documents import LoadedVersion
from shared.record.headers import Header
from shared.record.prediction import Answerer
from shared.record.tensor import decode_batch
from tests.agent.inference.arithmetic import RECORD, Arithmetic, ArithmeticSubModel, loaded_version


def consumed(
    value: bytes | None, *, offset: int = 0, key: bytes | None = None, headers: Sequence[Header] = ()
) -> Consumed:
    record: Consumed = ConsumerRecord("t", 0, offset, 1_000, 0, key, value, None, -1, -1, tuple(headers))
    return record


def in_use(network: Arithmetic, version: LoadedVersion | None = None) -> SubModelInUse:
    version = version or loaded_version(network.tier, network.version, "0")
    answerer = Answerer(deployment="d", tier=network.tier, node="n", model="digits", version=network.version)
    return SubModelInUse(
        version,
        ArithmeticSubModel(network, version.sub_model),
        lambda values, headers: decode_batch(values, headers, RECORD),
        answerer,
    )
