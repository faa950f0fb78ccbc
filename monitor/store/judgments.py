"""What readers said of hits: wrong or right, for which watch, and why; the examples that suggestions learn from.

Nothing is concluded from it here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, desc, select

from monitor.shortid import decode, encode
from monitor.store.feeds import insert_or
from monitor.store.schema import alerts, articles, hits, judgments


@dataclass(frozen=True, slots=True)
class Judgment:
    """A mark of a reader."""

    article_id: int
    watchlist: str
    watch: str
    verdict: str  # wrong | right
    because: str
    at: datetime


def mark(
    connection: Connection,
    article_id: int,
    watches: list[tuple[str, str]],
    now: datetime,
    *,
    because: str = "",
    verdict: str = "wrong",
) -> None:
    """Store that these watches, (watchlist, name), were wrong (or right) in this article; a later mark replaces it."""
    for watchlist, watch in watches:
        said = {"verdict": verdict, "because": because, "judged_at": now}
        row = insert_or(connection, judgments).values(article_id=article_id, watchlist=watchlist, watch=watch, **said)
        key = [judgments.c.article_id, judgments.c.watchlist, judgments.c.watch]
        connection.execute(row.on_conflict_do_update(index_elements=key, set_=said))


def unmark(connection: Connection, article_id: int, watches: list[tuple[str, str]]) -> int:
    """Take marks back; how many there were."""
    mine = judgments.c.article_id == article_id
    return sum(
        connection.execute(
            delete(judgments).where(mine, judgments.c.watchlist == watchlist, judgments.c.watch == watch)
        ).rowcount
        for watchlist, watch in watches
    )


def subject(connection: Connection, text: str) -> tuple[int, list[tuple[str, str]]] | None:
    """The article that an id means, and the watches (watchlist, name) in question: of an alert (A-…) those that it
    names, of an article (N-…) all that it hits."""
    alert = decode(text, "A") if text[:2].upper() == "A-" else None
    if alert is not None:
        row = connection.execute(select(alerts.c.article_id, alerts.c.watches).where(alerts.c.id == alert)).first()
        return (row.article_id, [(one[1], one[0]) for one in row.watches]) if row else None
    number = decode(text, "N") if text[:2].upper() == "N-" else None
    if number is None or connection.execute(select(articles.c.id).where(articles.c.id == number)).first() is None:
        return None
    found = connection.execute(
        select(hits.c.watchlist, hits.c.watch).where(hits.c.article_id == number).order_by(hits.c.id)
    )
    return number, [(row.watchlist, row.watch) for row in found]


def of_article(connection: Connection, article_id: int) -> list[Judgment]:
    query = select(judgments).where(judgments.c.article_id == article_id).order_by(judgments.c.id)
    return [_judgment(row) for row in connection.execute(query)]


def listing(
    connection: Connection, *, watch: tuple[str, str] | None = None, since: datetime | None = None, limit: int = 1000
) -> list[Judgment]:
    """Marks, newest first; of one watch, (watchlist, name), if given."""
    query = select(judgments).order_by(desc(judgments.c.judged_at), desc(judgments.c.id)).limit(limit)
    if watch:
        query = query.where(judgments.c.watchlist == watch[0], judgments.c.watch == watch[1])
    if since:
        query = query.where(judgments.c.judged_at >= since)
    return [_judgment(row) for row in connection.execute(query)]


def article_name(article_id: int) -> str:
    return encode("N", article_id)


def _judgment(row: object) -> Judgment:
    names = ("article_id", "watchlist", "watch", "verdict", "because", "judged_at")
    return Judgment(*(getattr(row, name) for name in names))
