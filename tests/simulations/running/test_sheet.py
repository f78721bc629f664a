"""What became of each record, whatever order the news comes in."""

import msgspec
from msgspec.structs import replace

from shared.record.prediction import Prediction
from simulations.running.sheet import Answer, Entry, Sheet, standing

ID = bytes(16)
SURE = Prediction(
    id=ID.hex(),
    deployment="one",
    values=[],
    class_=None,
    label=None,
    confidence=None,
    tier="edge",
    node="edge-1",
    model="one",
    version=1,
    degraded=False,
    latency_ms=0.0,
    trail=(),
)
DEGRADED = replace(SURE, degraded=True)


def json(prediction: Prediction) -> bytes:
    return msgspec.json.encode(prediction)


def sheet_with_one() -> tuple[Sheet, Entry]:
    sheet, entry = Sheet(), Entry(client=0, number=0, id=ID, due_us=0, warm_up=False, image=0, label=None)
    sheet.expect(entry)
    return sheet, entry


def test_the_first_answer_closes_a_record_and_the_second_is_counted() -> None:
    sheet, entry = sheet_with_one()
    sheet.answered(ID, json(SURE), 5)
    sheet.answered(ID, json(SURE), 9)
    answers = entry.answers()
    assert (sheet.open, len(answers), standing(answers)) == (0, 2, answers[0])
    assert answers[0].at_us == 5


def test_the_answer_that_is_not_degraded_stands() -> None:
    sheet, entry = sheet_with_one()
    for at_us, answer in ((5, DEGRADED), (9, SURE), (11, DEGRADED)):
        sheet.answered(ID, json(answer), at_us)
    assert standing(entry.answers()) == Answer(at_us=9, prediction=SURE)


def test_a_degraded_answer_is_better_than_none() -> None:
    sheet, entry = sheet_with_one()
    assert standing(entry.answers()) is None
    sheet.answered(ID, json(DEGRADED), 5)
    assert standing(entry.answers()) == Answer(at_us=5, prediction=DEGRADED)


def test_a_dead_letter_closes_a_record_too() -> None:
    sheet, entry = sheet_with_one()
    sheet.dead_lettered(ID, "too short")
    sheet.answered(ID, json(SURE), 5)
    assert (sheet.open, entry.dead_letter, len(entry.answers())) == (0, "too short", 1)


def test_what_is_no_prediction_is_no_answer() -> None:
    sheet, entry = sheet_with_one()
    sheet.answered(ID, b"{}", 5)
    assert entry.answers() == []


def test_news_of_a_stranger_are_passed_over() -> None:
    sheet, _ = sheet_with_one()
    sheet.answered(b"\xff" * 16, json(SURE), 5)
    sheet.dead_lettered(b"", "garbage")
    assert (sheet.open, len(sheet)) == (1, 1)
