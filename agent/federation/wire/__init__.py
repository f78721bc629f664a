"""Models and updates as records of Kafka: chunks first, the manifest that makes them count last."""
