"""Readings as Avro, announced to a training request: `python -m examples.rooms.send BROKERS NUMBER`."""

import argparse

import fogline
from examples.rooms.readings import LABELS, Reading, readings

DATA = {
    "type": "record",
    "name": "Reading",
    "fields": [{"name": name, "type": "float"} for name in Reading._fields],
}
LABEL = {"type": "record", "name": "Room", "fields": [{"name": "people", "type": "int"}]}


def send(brokers: str, request: int, *, count: int, topic: str) -> fogline.Stream:
    stream = fogline.Stream(
        brokers,
        topic,
        request=request,
        data_schema=DATA,
        label_schema=LABEL,
        validation_rate=0.1,
        test_rate=0.2,
        description="Readings of rooms",
    )
    with stream:
        for reading, label in readings(count, seed=0):
            stream.send(reading._asdict(), {"people": LABELS.index(label)})
    return stream


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m examples.rooms.send", description=__doc__)
    parser.add_argument("brokers")
    parser.add_argument("request", type=int, help="its number")
    parser.add_argument("--count", type=int, default=6000)
    parser.add_argument("--topic", default="rooms.avro")
    given = parser.parse_args()
    sent = send(given.brokers, given.request, count=given.count, topic=given.topic)
    print(sent.sent, "records announced:", sent.announcement.ranges)
