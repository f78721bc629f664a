import pytest

from simulations.demo.scoreboard import Scoreboard


@pytest.fixture
def scoreboard() -> Scoreboard:
    board = Scoreboard(("edge", "cloud"))
    for number in range(4):
        board.sent(bytes([number]), label=number, size_bytes=100, at_s=float(number))
    return board


def test_an_answer_counts_for_the_tier_that_gave_it(scoreboard: Scoreboard) -> None:
    scoreboard.answered(b"\x00", tier="edge", predicted=0, at_s=0.010)
    scoreboard.answered(b"\x01", tier="edge", predicted=9, at_s=1.030)
    scoreboard.answered(b"\x02", tier="cloud", predicted=2, at_s=2.050)
    edge, cloud = scoreboard.figures(at_s=3.0).tiers
    assert (edge.answered, edge.accuracy, cloud.answered, cloud.accuracy) == (2, 0.5, 1, 1.0)
    assert edge.share == pytest.approx(2 / 3)
    assert edge.p50_ms == pytest.approx(20.0)


def test_a_second_answer_is_counted_apart(scoreboard: Scoreboard) -> None:
    scoreboard.answered(b"\x00", tier="edge", predicted=0, at_s=0.1)
    scoreboard.answered(b"\x00", tier="cloud", predicted=0, at_s=0.2)
    figures = scoreboard.figures(at_s=1.0)
    assert (figures.answered, figures.doubled) == (1, 1)


def test_what_is_not_ours_is_passed_over(scoreboard: Scoreboard) -> None:
    scoreboard.answered(b"stranger", tier="edge", predicted=0, at_s=0.1)
    scoreboard.forwarded(b"stranger", tier="edge", size_bytes=50)
    scoreboard.dead_lettered(b"stranger")
    figures = scoreboard.figures(at_s=1.0)
    assert (figures.answered, figures.tiers[0].bytes_up, figures.dead_lettered) == (0, 0, 0)


def test_the_uplink_is_compared_with_raw_bytes(scoreboard: Scoreboard) -> None:
    scoreboard.forwarded(b"\x03", tier="edge", size_bytes=40)
    assert scoreboard.figures(at_s=4.0).uplink_ratio == pytest.approx(0.1)


def test_a_record_is_open_until_it_is_answered_or_given_up(scoreboard: Scoreboard) -> None:
    scoreboard.answered(b"\x00", tier="edge", predicted=0, at_s=0.1)
    scoreboard.dead_lettered(b"\x01")
    assert scoreboard.open == 2


def test_nothing_answered_has_no_accuracy_and_no_latency() -> None:
    figures = Scoreboard(("edge",)).figures(at_s=0.0)
    assert (figures.accuracy, figures.uplink_ratio, figures.tiers[0].p99_ms) == (None, None, None)


def test_only_recent_answers_make_the_rate(scoreboard: Scoreboard) -> None:
    scoreboard.answered(b"\x00", tier="edge", predicted=0, at_s=0.1)
    scoreboard.answered(b"\x01", tier="edge", predicted=0, at_s=9.5)
    assert scoreboard.figures(at_s=10.0).records_per_s == 0.5
