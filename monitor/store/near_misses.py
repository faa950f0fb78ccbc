"""What came near a watch and was not found, counted by day and cause when it was matched.

It counts what it is told, and judges nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, desc, func, select

from monitor.model import ABSENT, Miss
from monitor.shortid import encode
from monitor.store.feeds import insert_or
from monitor.store.schema import EPOCH, articles, near_misses

KEPT_DAYS = 35
#: Causes of one watch that are told apart.
MOST = 50


@dataclass(frozen=True, slots=True)
class Near:
    """In how many articles a cause kept a watch from being found, and the newest of them."""

    cause: str
    articles: int
    newest: int
    title: str

    @property
    def id(self) -> str:
        return encode("N", self.newest)

    @property
    def is_partial(self) -> bool:
        """Whether words of the watch were absent."""
        return self.cause.startswith(ABSENT)


def count(connection: Connection, article: int, misses: Sequence[Miss], now: datetime) -> None:
    """One more of each, on the day of `now` (UTC)."""
    if not misses:
        return
    more = insert_or(connection, near_misses)
    more = more.on_conflict_do_update(
        index_elements=list(near_misses.primary_key),
        set_={"articles": near_misses.c.articles + 1, "article_id": more.excluded.article_id},
    )
    rows = dict.fromkeys((one.watchlist, one.watch, one.cause) for one in misses)
    connection.execute(
        more,
        [
            {"watchlist": of, "watch": watch, "day": _day(now), "cause": cause, "articles": 1, "article_id": article}
            for of, watch, cause in rows
        ],
    )


def of_watch(connection: Connection, watch: tuple[str, str], now: datetime, days: int) -> list[Near]:
    """Of the last `days` days, what had every word first, then the most frequent."""
    mine = (near_misses.c.watchlist == watch[0]) & (near_misses.c.watch == watch[1])
    total, newest = func.sum(near_misses.c.articles), func.max(near_misses.c.article_id)
    query = select(near_misses.c.cause, total.label("total"), newest.label("newest"))
    query = query.where(mine, near_misses.c.day > _day(now) - days).group_by(near_misses.c.cause)
    rows = connection.execute(query.order_by(desc("total"), near_misses.c.cause).limit(MOST)).all()
    wanted = select(articles.c.id, articles.c.title).where(articles.c.id.in_([row.newest for row in rows]))
    titles: dict[int, str] = {row.id: row.title for row in connection.execute(wanted)}
    found = [Near(row.cause, int(row.total), row.newest, titles.get(row.newest, "")) for row in rows]
    return sorted(found, key=lambda one: one.is_partial)


def forget(connection: Connection, watch: tuple[str, str]) -> None:
    """The watch is another now."""
    mine = (near_misses.c.watchlist == watch[0]) & (near_misses.c.watch == watch[1])
    connection.execute(delete(near_misses).where(mine))


def expire(connection: Connection, now: datetime) -> None:
    connection.execute(delete(near_misses).where(near_misses.c.day < _day(now) - KEPT_DAYS))


def _day(now: datetime) -> int:
    return (now - EPOCH) // timedelta(days=1)
