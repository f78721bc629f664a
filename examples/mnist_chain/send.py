"""Labelled images to Kafka in the bytes of Kafka-ML's clients. Knows numpy and aiokafka, and nothing of Fogline.

`python send.py train.npz --brokers 127.0.0.1:9092 --topic digits --deployment 1`
"""

import argparse
import asyncio
import json

import aiokafka
import numpy as np


async def send(file: str, brokers: str, topic: str, deployment: int) -> None:
    arrays = np.load(file)
    images, labels = arrays["images"], arrays["labels"]
    async with aiokafka.AIOKafkaProducer(bootstrap_servers=brokers) as producer:
        sent = [await producer.send(topic, x.tobytes(), y.tobytes()) for x, y in zip(images, labels, strict=True)]
        told = json.dumps(announcement(images, labels, ranges(topic, await asyncio.gather(*sent)))).encode()
        await producer.send_and_wait("KAFKA_ML_CONTROL_TOPIC", told, bytes([deployment]))
    print(told.decode())


def ranges(topic: str, written: list[aiokafka.structs.RecordMetadata]) -> str:
    """`topic:partition:start:end`, the end not included. Holds as long as nobody else writes to the topic meanwhile."""
    partitions = sorted({one.partition for one in written})
    offsets = {one: [record.offset for record in written if record.partition == one] for one in partitions}
    return ",".join(f"{topic}:{one}:{min(found)}:{max(found) + 1}" for one, found in offsets.items())


def announcement(images: np.ndarray, labels: np.ndarray, ranges: str) -> dict[str, object]:
    return {
        "topic": ranges,
        "unsupervised_topic": None,
        "input_format": "RAW",
        "description": "Digits of seven segments",
        "dataset_restrictions": {},
        "input_config": {
            "data_type": images.dtype.name,
            "label_type": labels.dtype.name,
            "data_reshape": " ".join(str(length) for length in images.shape[1:]),
            "label_reshape": "1",
        },
        "validation_rate": 0.1,
        "test_rate": 0.1,
        "total_msg": len(images),
        "incremental": False,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", help="an .npz with `images` and `labels`")
    parser.add_argument("--brokers", required=True)
    parser.add_argument("--topic", required=True)
    parser.add_argument("--deployment", type=int, required=True, help="Kafka-ML's word for a training request's number")
    given = parser.parse_args()
    asyncio.run(send(given.file, given.brokers, given.topic, given.deployment))
