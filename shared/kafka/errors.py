"""The border with aiokafka's errors: whatever it raises becomes one of ours here, and nowhere else."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from aiokafka import errors as kafka

from shared.errors import ClusterError


class ClusterRefusedError(ClusterError):
    """The cluster answered no, and will again until somebody changes its settings, its rights or ours."""

    retriable: ClassVar[bool] = False


class FencedError(ClusterError):
    """Another producer has taken over this transactional id, or the coordinator gave up on our transaction.

    Nothing of the open transaction will ever be seen. A new producer under the same id may go on.
    """


# Not answers of a broker, and still for a person to solve.
_FOR_A_PERSON = (
    kafka.AuthenticationFailedError,
    kafka.AuthenticationMethodNotSupported,
    kafka.IncompatibleBrokerVersion,
    kafka.KafkaConfigurationError,
    kafka.UnrecognizedBrokerVersion,
    kafka.UnsupportedCodecError,
)
_FENCED = (kafka.ProducerFenced, kafka.InvalidProducerEpoch)
# Answers of a broker that aiokafka does not retry, but that a new client or a new try gets over.
_PASSING = (
    kafka.BrokerNotAvailableError,
    kafka.ConcurrentTransactions,
    kafka.IllegalGenerationError,
    # Of a topic that keeps the sender's time; passes when the clock is right.
    kafka.InvalidTimestampError,
    kafka.InvalidProducerIdMapping,
    kafka.InvalidTxnState,
    kafka.OutOfOrderSequenceNumber,
    kafka.RebalanceInProgressError,
    kafka.ReplicaNotAvailableError,
    kafka.UnknownError,
    kafka.UnknownMemberIdError,
    kafka.UnknownProducerId,
)

_REMEDIES = {
    kafka.InvalidTimestampError: "refuses the time of a record: set this machine's clock, or let the topic's "
    "message.timestamp.type be LogAppendTime",
    kafka.UnsupportedCodecError: (
        "records are compressed by snappy, lz4 or zstd, which needs the Python package `cramjam` on this node; "
        "gzip and none need nothing"
    ),
}


def cluster_error(cluster: str, error: BaseException) -> ClusterError:
    """The error of ours that says what `error` said; `retriable` follows its class."""
    reason = f"cluster {cluster!r}: {_REMEDIES.get(type(error)) or str(error) or type(error).__name__}"
    if isinstance(error, _FENCED):
        return FencedError(reason)
    if isinstance(error, _FOR_A_PERSON):
        return ClusterRefusedError(reason)
    if isinstance(error, kafka.BrokerResponseError) and not (error.retriable or isinstance(error, _PASSING)):
        return ClusterRefusedError(reason)
    return ClusterError(reason)


@contextmanager
def translated(cluster: str) -> Iterator[None]:
    """Raises ClusterError, ClusterRefusedError or FencedError for whatever aiokafka and the network raise inside."""
    try:
        yield
    except (kafka.KafkaError, kafka.ConsumerStoppedError, kafka.IllegalOperation, OSError, TimeoutError) as error:
        raise cluster_error(cluster, error) from error
