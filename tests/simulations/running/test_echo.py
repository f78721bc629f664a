"""When the pipeline of known latency answers."""

from shared.documents import Cluster
from simulations.running.echo import EchoSettings, Schedule, Stall


def schedule(stall: Stall | None) -> Schedule:
    cluster = Cluster(name="one", bootstrap_servers=("localhost:9092",))
    return Schedule(EchoSettings(cluster=cluster, topic="in", answers_topic="out", delay_s=0.5, stall=stall))


def test_every_record_is_answered_the_delay_after_it_was_made() -> None:
    answers = schedule(None)
    assert [answers.answer_s(made) for made in (10.0, 10.25)] == [10.5, 10.75]


def test_what_falls_into_the_stall_is_answered_at_its_end() -> None:
    answers = schedule(Stall(begin_s=2.0, length_s=3.0))
    made = (10.0, 11.25, 11.5, 14.25, 14.5)
    assert [answers.answer_s(one) for one in made] == [10.5, 11.75, 15.0, 15.0, 15.0]
