"""The real Apache Kafka broker on one machine: no Docker, no Java to install. `KafkaCluster` is the way in."""
