"""The bare parts Fogline is compared with: Kafka without inference, inference without Kafka."""
