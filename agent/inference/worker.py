"""Where inference happens: in a thread of its own, or inline while nobody would wait for it.

A backend such as LiteRT lets go of the interpreter lock while it computes, so a thread leaves the event loop free to
deliver the last micro-batch. Changing threads costs a record about 0.1 ms, which at light load is better saved.
"""

import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from agent.backends.protocol import Outputs
from agent.inference.batch import InferenceResult, Inferred, Share
from shared.errors import ModelError, RecordError

# An inference this short delays no heartbeat and no other workload by more than a scheduler would.
INLINE_LIMIT_S = 0.001
# A thread that has computed waits so long for the interpreter lock while the event loop is busy. With Python's default
# of 5 ms, a tenth of the time of a micro-batch was lost to waiting; with 0.5 ms still a twentieth.
SWITCH_INTERVAL_S = 0.0001
# How much the newest measurement counts. The first one, slow with cold caches, is forgotten after a few.
_WEIGHT = 0.25


class InferenceWorker:
    """`submit` hands a micro-batch to the thread, which goes from one to the next without asking the event loop."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="inference")
        self._seconds_per_record = INLINE_LIMIT_S
        sys.setswitchinterval(min(sys.getswitchinterval(), SWITCH_INTERVAL_S))

    def is_quick(self, records: int) -> bool:
        """So many records may be inferred inline, if nothing else is under way."""
        return records * self._seconds_per_record < INLINE_LIMIT_S

    def submit(self, shares: Sequence[Share]) -> "Future[InferenceResult]":
        """It can be cancelled until the thread has begun it."""
        return self._thread.submit(self.infer, shares)

    def infer(self, shares: Sequence[Share]) -> InferenceResult:
        began = self._monotonic()
        result = infer_shares(shares)
        result.began_at, result.seconds = began, self._monotonic() - began
        if records := sum(len(share.rows) for share in shares):
            self._seconds_per_record += _WEIGHT * (result.seconds / records - self._seconds_per_record)
        return result

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)


def infer_shares(shares: Sequence[Share]) -> InferenceResult:
    """A share that fails as a whole is tried record by record, so that only the guilty one is given up."""
    result = InferenceResult(shares=[], failures={})
    for share in shares:
        if not share.rows:
            continue
        try:
            outputs = share.sub_model.infer(share.tensor)
        except ModelError as error:
            _infer_one_by_one(share, error, result)
        else:
            result.shares.append(Inferred(sub_model=share.sub_model, rows=share.rows, outputs=outputs))
    return result


def _infer_one_by_one(share: Share, error: ModelError, result: InferenceResult) -> None:
    if len(share.rows) == 1:
        result.failures[share.rows[0]] = RecordError(f"inference failed: {error}")
        return
    good: list[int] = []
    found: list[Outputs] = []
    for index, row in enumerate(share.rows):
        try:
            found.append(share.sub_model.infer(share.tensor[index : index + 1]))
            good.append(row)
        except ModelError as its_own:
            result.failures[row] = RecordError(f"inference failed: {its_own}")
    if good:
        result.shares.append(Inferred(sub_model=share.sub_model, rows=good, outputs=_joined(found)))


def _joined(found: Sequence[Outputs]) -> Outputs:
    exits = [outputs.exit for outputs in found if outputs.exit is not None]
    features = [outputs.features for outputs in found if outputs.features is not None]
    return Outputs(np.concatenate(exits) if exits else None, np.concatenate(features) if features else None)
