"""The command follow: keeps an index in step with a database or a stream."""

import json
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Annotated, cast

import typer

from agentkit.cli import options as o
from agentkit.cli.cost import TableFormat

if TYPE_CHECKING:
    from agentkit.changes import Applied, ChangeFeed
    from agentkit.config import Config
    from agentkit.config.following import FollowConfig
    from agentkit.storing import TableStore

Event = Mapping[str, object]
_STATES = {"still_true": "still true", "stale": "stale", "contradicted": "contradicted"}


def follow(
    index: Annotated[
        str, typer.Option("--index", help="Directory of the index, or a store's address.", metavar="DIR|URL")
    ] = "",
    name: Annotated[str, typer.Option("--name", help="Which feed of the configuration.", show_default=False)] = "",
    once: Annotated[bool, typer.Option("--once", help="Stop when everything until now is in the index.")] = False,
    status: Annotated[bool, typer.Option("--status", help="Say how far behind the index is; change nothing.")] = False,
    drop: Annotated[bool, typer.Option("--drop", help="Leave nothing on the server; the index stays.")] = False,
    restart: Annotated[bool, typer.Option("--restart", help="Read every row again.")] = False,
    config: o.ConfigFile = None,
    format: Annotated[TableFormat, typer.Option("--format", help="What to print.")] = TableFormat.text,  # noqa: A002
) -> int:
    """Keep an index in step with tables of Postgres or topics of Kafka, until interrupted."""
    from agentkit.cli import session
    from agentkit.following.opening import chosen_feed, make_feed

    loaded = session.configure(config)
    chosen = chosen_feed(loaded, name)
    feed = make_feed(loaded, chosen)
    as_json = format is TableFormat.json
    if drop:
        there = session.run(session.closing(feed, feed.drop()))
        what = "is gone from the server" if there else "left nothing on the server"
        _say({"event": "dropped", "there": there}, f"{chosen.name} {what}.", as_json=as_json)
        return 0
    if status:
        return session.run(session.closing(feed, _status(feed, chosen, as_json=as_json)))
    work = _follow(loaded, chosen, feed, index, once=once, restart=restart, as_json=as_json)
    session.run(session.closing(feed, work))
    return 0


async def _follow(
    config: "Config",
    chosen: "FollowConfig",
    feed: "ChangeFeed",
    index: str,
    *,
    once: bool,
    restart: bool,
    as_json: bool,
) -> None:
    from agentkit.following import Follower
    from agentkit.following.opening import make_documents, make_sink
    from agentkit.following.stored import FollowedStore

    def tell(event: Event) -> None:
        _say(event, _sentence(event), as_json=as_json)

    sink, documents = make_sink(config, index, chosen), make_documents(config, chosen)
    store = sink.store if isinstance(sink, FollowedStore) else None
    after = _after(config, index, tell, store)
    follower = Follower(feed, sink, documents, tell=tell, after=after, max_lag_mb=chosen.max_lag_mb)
    try:
        if restart:
            await sink.commit(None)
        await follower.run(once=once)
    finally:
        if store is not None:
            await store.aclose()


def _after(
    config: "Config", index: str, tell: Callable[[Event], None], store: "TableStore | None"
) -> "Callable[[Applied], Awaitable[bool]]":
    """Return what is done once readers see changes: reports that rest on them are compared and marked."""
    from agentkit.config import home_directory
    from agentkit.errors import AgentKitError
    from agentkit.impact.following import impact_of

    home = home_directory()

    async def after(applied: "Applied") -> bool:
        try:
            told = await impact_of(applied, index=index, config=config, home=home, store=store)
        except AgentKitError as error:
            tell({"event": "impact_failed", "reason": str(error)})  # the index is in step all the same
            return False
        if told is not None:
            tell(told)
        return True

    return after


async def _status(feed: "ChangeFeed", chosen: "FollowConfig", *, as_json: bool) -> int:
    lag = await feed.lag()
    told = {"event": "status", "behind": lag.behind, "kept": lag.kept, "unit": lag.unit}
    told |= {"bounded": lag.bounded, "lost": lag.lost}
    words = f"{chosen.name}: {lag.behind:,} {lag.unit} behind; the server keeps {lag.kept:,} for it"
    if lag.lost:
        words = f"{chosen.name}: the server keeps nothing for it; the next run reads every row"
    elif not lag.bounded:
        words += ", without a limit: set max_slot_wal_keep_size, or its disk can fill up"
    _say(told, f"{words}.", as_json=as_json)
    return 0


def _sentence(event: Event) -> str:
    match event["event"]:
        case "reading":
            return f"reading every row: {event['reason']}"
        case "waiting":
            return f"waiting {event['seconds']} s: {event['reason']}"
        case "lag":
            lost = " and has deleted what was not read yet" if event["lost"] else ""
            return f"the server keeps {event['kept']:,} {event['unit']} for this feed{lost}"
        case "impact":
            told = [f"{event[state]} {words}" for state, words in _STATES.items() if event[state]]
            return f"claims that rest on what changed: {', '.join(told) or 'none'}"
        case "impact_failed":
            return f"reports were not compared: {event['reason']}"
        case _:
            counts = f"{event['changed']} changed, {event['removed']} removed, {event['unchanged']} as they were"
            broken = cast(dict[str, str], event.get("broken", {}))
            left = f"; left out: {'; '.join(broken.values())}" if broken else ""
            return f"{event['rows']} rows: {counts}{left}"


def _say(event: Event, sentence: str, *, as_json: bool) -> None:
    sys.stdout.write(f"{json.dumps(event, ensure_ascii=False) if as_json else sentence}\n")
    sys.stdout.flush()


COMMANDS = {"follow": follow}
