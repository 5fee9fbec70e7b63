"""Postgres, for what several machines share."""

from agentkit.errors import MissingExtraError

try:
    import asyncpg as asyncpg
except ImportError as error:
    raise MissingExtraError("postgres", needed_for="A ledger in Postgres") from error

from agentkit.adapters.postgres.database import PostgresDatabase

__all__ = ["PostgresDatabase"]
