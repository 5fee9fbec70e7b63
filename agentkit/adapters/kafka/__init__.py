"""Kafka, for changes that Debezium tells of."""

from agentkit.errors import MissingExtraError

try:
    import confluent_kafka as confluent_kafka
except ImportError as error:
    raise MissingExtraError("kafka", needed_for="Following a topic of Kafka") from error

from agentkit.adapters.kafka.changes import KafkaChanges

__all__ = ["KafkaChanges"]
