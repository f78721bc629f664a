"""From what child processes say to what the status says. Pure."""

import math

import msgspec

from agent.training.events import Noticed
from agent.training.exporting import events as exporting
from agent.training.fitting import progress as fitting
from agent.training.fitting.scores import Score
from agent.training.online.events import Drifted, WindowLearnt
from agent.training.reading.task import Read, Waiting
from shared.documents import Drift, ExitScore, Stage, TrainingProgress

Event = fitting.Event | exporting.Event | Read | Waiting | WindowLearnt | Drifted
MOST_NOTICES = 10


def staged(progress: TrainingProgress, stage: Stage) -> TrainingProgress:
    """A stage begins; asked twice, it goes on."""
    if progress.stage is stage:
        return progress
    return msgspec.structs.replace(progress, stage=stage, done=0, total=None, records_per_s=0.0)


def noticed(progress: TrainingProgress, text: str) -> TrainingProgress:
    """Said again, it is the latest once more and not twice there."""
    others = tuple(one for one in progress.notices if one != text)
    return msgspec.structs.replace(progress, notices=(*others, text)[-MOST_NOTICES:])


def told(progress: TrainingProgress, event: Event) -> TrainingProgress:
    match event:
        case fitting.PhaseBegun(phase=phase):
            return staged(progress, Stage(phase.value))
        case Noticed(text=text):
            return noticed(progress, text)
        case fitting.Loaded(exits=exits):
            return msgspec.structs.replace(progress, exits=exits)
        case fitting.Resumed(epoch=epoch):
            return msgspec.structs.replace(progress, epoch=epoch)
        case fitting.Stepped():
            return _stepped(progress, event)
        case fitting.EpochEnded(validation=validation):
            return msgspec.structs.replace(progress, validation=scores(validation))
        case WindowLearnt():
            return _learnt(progress, event)
        case Drifted():
            return _drifted(progress, event)
        case Read(done=done, total=total):
            return msgspec.structs.replace(progress, done=done, total=total)
    return progress


def scores(found: dict[str, Score]) -> dict[str, ExitScore]:
    """Those that are numbers: JSON knows no others."""
    given = {name: one for name, one in found.items() if math.isfinite(one.loss)}
    return {name: ExitScore(loss=one.loss, accuracy=one.accuracy) for name, one in given.items()}


def _learnt(progress: TrainingProgress, event: WindowLearnt) -> TrainingProgress:
    return msgspec.structs.replace(
        progress,
        epoch=event.window,
        done=event.window,
        total=None,
        records_per_s=event.records_per_s,
        loss={name: loss for name, loss in event.training.items() if math.isfinite(loss)},
        validation=scores(event.scores),
    )


def _drifted(progress: TrainingProgress, event: Drifted) -> TrainingProgress:
    said = noticed(progress, f"drift: from record {event.record} of window {event.window} on it is wrong more often")
    return msgspec.structs.replace(said, drift=Drift(window=event.window, record=event.record))


def _stepped(progress: TrainingProgress, event: fitting.Stepped) -> TrainingProgress:
    return msgspec.structs.replace(
        progress,
        epoch=event.epoch,
        epochs=event.epochs,
        done=(event.epoch - 1) * event.steps + event.step,
        total=event.epochs * event.steps,
        records_per_s=event.records_per_s,
        loss={name: loss for name, loss in event.loss.items() if math.isfinite(loss)},
    )
