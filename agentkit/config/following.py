"""Sections of the configuration about feeds of changes."""

from pydantic import Field, PositiveInt

from agentkit.config.base import Section


class FollowedTable(Section):
    """A table (or a topic) whose rows are documents.

    `text` is the column of the text, or `path` that of a file's path below `folder`. `name` is what a document is
    called, with columns in braces; `title`, `matter` and `labels` are columns.
    """

    table: str
    key: list[str] = Field(default_factory=list[str])
    text: str = ""
    path: str = ""
    folder: str = ""
    name: str = ""
    title: str = ""
    matter: str = ""
    labels: str = ""


class FollowConfig(Section):
    """One feed: Postgres (`postgresql://…`) or Kafka (`kafka://HOST:PORT`), whose changes `agentkit follow` indexes.

    `max_lag_mb` is how much of its log a server may have to keep for us before that is said; Kafka's counts a message
    as a kilobyte.
    """

    name: str = Field(pattern=r"^[a-z0-9_]{1,40}$")
    url: str = Field(description="an address, or os.environ/NAME where it holds a password")
    tables: list[FollowedTable] = Field(min_length=1)
    max_lag_mb: PositiveInt = 1024
