"""What became of each record, whatever order the news comes in."""

from msgspec.structs import replace

from shared.record.prediction import Prediction
from simulations.running.sheet import Entry, Sheet

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


def sheet_with_one() -> tuple[Sheet, Entry]:
    sheet, entry = Sheet(), Entry(client=0, number=0, id=ID, due_us=0, warm_up=False, image=0, label=None)
    sheet.expect(entry)
    return sheet, entry


def test_the_first_answer_closes_a_record_and_the_second_is_counted() -> None:
    sheet, entry = sheet_with_one()
    sheet.answered(SURE, 5)
    sheet.answered(SURE, 9)
    assert (sheet.open, entry.answers, entry.answered_us) == (0, 2, 5)


def test_the_answer_that_is_not_degraded_stands() -> None:
    sheet, entry = sheet_with_one()
    sheet.answered(DEGRADED, 5)
    sheet.answered(SURE, 9)
    sheet.answered(DEGRADED, 11)
    assert entry.prediction is SURE
    assert entry.answered_us == 9


def test_a_dead_letter_closes_a_record_too() -> None:
    sheet, entry = sheet_with_one()
    sheet.dead_lettered(ID, "too short")
    sheet.answered(SURE, 5)
    assert (sheet.open, entry.dead_letter, entry.answers) == (0, "too short", 1)


def test_news_of_a_stranger_are_passed_over() -> None:
    sheet, _ = sheet_with_one()
    sheet.answered(replace(SURE, id="ff" * 16), 5)
    sheet.dead_lettered(b"", "garbage")
    assert (sheet.open, len(sheet)) == (1, 1)
