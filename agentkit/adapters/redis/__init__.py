"""Redis: sealed answers that several machines share."""

from agentkit.adapters.redis.cache import RedisAnswerStore

__all__ = ["RedisAnswerStore"]
