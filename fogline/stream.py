"""A labelled stream, from any program: send records, and leave the block to announce them."""

from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self

import msgspec
import numpy as np

from fogline.loop_thread import LoopThread
from shared.documents import CONTROL_TOPIC, Cluster, decode, encode
from shared.errors import RecordError, SettingsError
from shared.kafka import Keeping
from shared.streams.announcement import Announcement
from shared.streams.encoding import Pair, stream_encoder
from shared.streams.inputs import AvroInput
from shared.streams.purpose import Purpose
from shared.streams.sending import StreamSender

# What waits in this program before it is handed over, and how many examples are encoded at once.
_MOST_WAITING = 256
_MOST_WAITING_BYTES = 2**20
_Schema = str | Mapping[str, Any]


class Stream:
    """Records of one stream, for the length of a `with` block. Its end awaits every delivery and announces the stream
    to the training request; a block that is left by an error announces nothing.

        with fogline.Stream("127.0.0.1:9092", "digits", request=7, validation_rate=0.1, test_rate=0.1) as stream:
            for image, label in digits:
                stream.send(image, label)

    `cluster` is a `Cluster`, or `host:port,host:port`. `partitions` is for a topic that has to be made. Records are
    tensors of the type and shape of the first one, or Avro data where both schemas are given, as JSON or as what it
    holds. One thread at a time. An error that ends the block carries a note (PEP 678) of what was written where.

    Every method may raise ClusterError; making one raises SettingsError, DocumentError for a schema, UnavailableError.
    """

    def __init__(
        self,
        cluster: Cluster | str,
        topic: str,
        *,
        request: int | None = None,
        validation_rate: float = 0.0,
        test_rate: float = 0.0,
        description: str = "",
        restrictions: Mapping[str, Any] | None = None,
        control_topic: str = CONTROL_TOPIC,
        partitions: int | None = None,
        data_schema: _Schema | None = None,
        label_schema: _Schema | None = None,
    ) -> None:
        self.purpose = Purpose(
            request=request,
            control_topic=control_topic,
            validation_rate=validation_rate,
            test_rate=test_rate,
            description=description,
            restrictions=restrictions or {},
        )
        self._encoder = stream_encoder(_schemas(data_schema, label_schema))
        self._sender = StreamSender(
            cluster=_cluster(cluster), topic=topic, encoder=self._encoder, purpose=self.purpose, partitions=partitions
        )
        self._waiting: list[Pair] = []
        self._waiting_bytes = 0
        self._waiting_is_labelled = True
        self._loop: LoopThread | None = None

    def __enter__(self) -> Self:
        loop = LoopThread("fogline-stream")
        try:
            loop.run(self._sender.__aenter__())
        except BaseException:
            loop.close()
            raise
        self._loop = loop
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._hand_over()
        except BaseException as failure:
            self._end(failure)
            raise
        self._end(error)

    def send(self, x: Any, y: Any = None) -> None:  # noqa: ANN401 - what an array, or a datum, can be made of
        """One record; without `y` it has no label. Raises RecordError for what no decoder would take."""
        self._put(self._encoder.encode([x], None if y is None else [y]), is_labelled=y is not None)

    def send_many(self, x: Any, y: Any = None) -> None:  # noqa: ANN401 - as above
        """A record for each of `x`, with its label in `y`: arrays, lists, tables of pandas. Raises as `send`."""
        x, y = _sliceable(x), _sliceable(y)
        if y is not None and len(x) != len(y):
            raise RecordError(f"{len(y)} labels for {len(x)} records")
        for part in _parts(x):
            self._put(self._encoder.encode(x[part], None if y is None else y[part]), is_labelled=y is not None)

    @property
    def sent(self) -> int:
        """Records given to this stream, with labels and without."""
        return self._sender.sent + len(self._waiting)

    @property
    def sent_bytes(self) -> int:
        """Of their values and keys."""
        return self._sender.sent_bytes + self._waiting_bytes

    @property
    def announcement(self) -> Announcement:
        """What was announced, or would have been with a request. Raises RuntimeError before the block was left well."""
        if self._sender.announcement is None:
            raise RuntimeError("a stream is announced when its `with` block is left")
        return self._sender.announcement

    @property
    def keeping(self) -> Keeping | None:
        """How long the log keeps the records; None where the cluster does not tell."""
        return self._sender.keeping

    def _put(self, pairs: list[Pair], *, is_labelled: bool) -> None:
        if is_labelled != self._waiting_is_labelled:
            self._hand_over()
            self._waiting_is_labelled = is_labelled
        self._waiting += pairs
        self._waiting_bytes += sum(len(pair.value) + len(pair.key) for pair in pairs)
        if len(self._waiting) >= _MOST_WAITING or self._waiting_bytes >= _MOST_WAITING_BYTES:
            self._hand_over()

    def _hand_over(self) -> None:
        if self._loop is None:
            raise RuntimeError("records are sent inside the `with` block of a stream")
        pairs, self._waiting, self._waiting_bytes = self._waiting, [], 0
        if pairs:
            self._loop.run(self._sender.write(pairs, is_labelled=self._waiting_is_labelled))

    def _end(self, error: BaseException | None) -> None:
        loop, self._loop = self._loop, None
        if loop is None:
            return
        try:
            loop.run(self._sender.__aexit__(type(error) if error else None, error, None))
        except KeyboardInterrupt as interrupt:
            interrupt.add_note(self._sender.account())
            raise
        finally:
            loop.close()


def _cluster(found: Cluster | str) -> Cluster:
    if isinstance(found, Cluster):
        return found
    servers = tuple(one.strip() for one in found.split(",") if one.strip())
    # As if it had been read from a file: an address that is none is refused here.
    return decode(encode(Cluster(name="kafka", bootstrap_servers=servers)), Cluster)


def _schemas(data: _Schema | None, label: _Schema | None) -> AvroInput | None:
    if data is None and label is None:
        return None
    if data is None or label is None:
        raise SettingsError("Avro records need both schemas: `data_schema` and `label_schema`")
    return AvroInput(data_schema=_text(data), label_schema=_text(label))


def _text(schema: _Schema) -> str:
    return schema if isinstance(schema, str) else msgspec.json.encode(schema).decode()


def _sliceable(found: Any) -> Any:  # noqa: ANN401 - as above
    """By row: tables of pandas are by column."""
    return found.to_numpy() if hasattr(found, "to_numpy") else found


def _parts(x: Any) -> Iterator[slice]:  # noqa: ANN401 - as above
    """Of so many records that encoding them takes little memory."""
    if len(x) == 0:
        return
    rows = max(1, min(_MOST_WAITING, _MOST_WAITING_BYTES // max(1, np.asarray(x[0]).nbytes)))
    for start in range(0, len(x), rows):
        yield slice(start, start + rows)
