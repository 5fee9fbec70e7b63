"""The feed and the index that the configuration names. Vendors are imported here, late."""

import os
from pathlib import Path

from agentkit.changes import ChangeFeed, ChangeSink, Table
from agentkit.changes.documents import Documents, check_table
from agentkit.config import Config, home_directory
from agentkit.config.following import FollowConfig
from agentkit.egress import EgressPolicy
from agentkit.errors import ConfigError
from agentkit.opening import configured_store, is_address, make_embedding
from agentkit.records.owed import KeptOwed

_ENVIRONMENT = "os.environ/"


def chosen_feed(config: Config, name: str = "") -> FollowConfig:
    """Return the feed of a name, or the only one.

    Raises:
        ConfigError: there is none, or there are several and none was named.
    """
    names = [feed.name for feed in config.follow]
    if not names:
        raise config.fault("follow", "no feed is configured: say under `follow` which tables are followed")
    if not name and len(names) > 1:
        raise config.fault("follow", f"there are several feeds: choose one with --name ({', '.join(names)})")
    found = [feed for feed in config.follow if feed.name == (name or names[0])]
    if not found:
        raise config.fault("follow", f"there is no feed {name}; there are {', '.join(names)}")
    return found[0]


def tables_of(feed: FollowConfig) -> list[Table]:
    """Return the tables of a feed.

    Raises:
        ConfigError: one cannot be made into documents.
    """
    tables = [
        Table(
            name=item.table,
            key=tuple(item.key),
            text=item.text,
            path=item.path,
            folder=item.folder,
            title=item.title,
            label_as=item.name,
            matter=item.matter,
            labels=item.labels,
        )
        for item in feed.tables
    ]
    for table in tables:
        check_table(table)
    return tables


def make_documents(config: Config, feed: FollowConfig) -> Documents:
    """Return what makes documents of a feed's rows."""
    return Documents(feed.name, tables_of(feed), max_chars=config.retrieval.max_chars)


def make_feed(config: Config, feed: FollowConfig) -> ChangeFeed:
    """Return a feed; nothing is contacted yet.

    Raises:
        ConfigError: its address is none of Postgres or Kafka, or a variable is not set.
        EgressDeniedError: its host may not be contacted.
        MissingExtraError: its client is not installed.
    """
    url = feed.url
    if url.startswith(_ENVIRONMENT):
        url = os.environ.get(url.removeprefix(_ENVIRONMENT), "")
        if not url:
            raise config.fault("follow", f"{feed.name}: the variable {feed.url.removeprefix(_ENVIRONMENT)} is not set")
    egress, tables = EgressPolicy.parse(config.privacy.egress), tables_of(feed)
    if url.startswith(("postgres://", "postgresql://")):
        from agentkit.adapters.postgres.changes import PostgresChanges

        return PostgresChanges(url, name=feed.name, tables=tables, egress=egress)
    if url.startswith("kafka://"):
        from agentkit.adapters.kafka import KafkaChanges

        return KafkaChanges(url, tables=tables, egress=egress)
    raise config.fault("follow", f"{feed.name}: write postgresql://USER@HOST/DATABASE or kafka://HOST:PORT")


def make_sink(config: Config, index: str, feed: FollowConfig) -> ChangeSink:
    """Return the index that changes are brought into: a folder, or a store's address.

    Raises:
        ConfigError: there is none.
    """
    where, home = index or config.index.url or "", home_directory()
    if not where:
        raise ConfigError("Say where the index is: --index DIR, or index.url in the configuration.")
    if not is_address(where):
        from agentkit.adapters.memory.following import FollowedIndex

        return FollowedIndex(Path(where), feed.name, owed=KeptOwed(home, str(Path(where).resolve()), feed.name))
    from agentkit.following.stored import FollowedStore

    embedding = make_embedding(config)
    store = configured_store(config, url=where, embedding=embedding)
    return FollowedStore(store, feed.name, embedding=embedding, owed=KeptOwed(home, where, feed.name))
