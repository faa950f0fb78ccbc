"""What goes with age: texts, fingerprints and the bodies of evidence; a batch at a time, where it was left.

Identities, articles as seen, hits, decisions, alerts and deliveries stay for ever, so that nothing is ever told again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from monitor.language.indexing import ToIndex, Words, words_of
from monitor.store import near_misses, search
from monitor.store.schema import alerts, articles, evidence, fingerprints, polls, story_keys, texts
from monitor.store.watches import fact, note

BATCH = 100  # the words of each are looked up, to be taken out of the index
#: A story takes reports for a week: what is younger is needed to recognise them, whatever is set.
LEAST = timedelta(days=8)
#: Polls are kept to explain what happened, not as history.
POLLS_FOR = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Keep:
    """How long texts stay, of articles that were not told and of those that were; None: for ever."""

    articles: timedelta | None = None
    evidence: timedelta | None = None


def going(connection: Connection, keep: Keep, now: datetime) -> list[ToIndex]:
    """The texts that the next batch lets go, for their words to be found before the transaction."""
    found = []
    for mark, age, is_told in _passes(keep):
        _, gone = _batch(connection, mark, age, now, is_told=is_told)
        found += search.texts_of(connection, gone)
    return found


def expire(connection: Connection, keep: Keep, now: datetime, words: Mapping[ToIndex, Words]) -> int:
    """One batch of each; how many articles were looked at, 0 when there is nothing left to do now.

    `words` are those of `going`; a text that has changed since then is looked at anew.
    """
    near_misses.expire(connection, now)
    looked = sum(_pass(connection, mark, age, now, words, is_told=is_told) for mark, age, is_told in _passes(keep))
    return looked + _bodies(connection, keep.evidence, now) + _polls(connection, now)


def _passes(keep: Keep) -> list[tuple[str, timedelta, bool]]:
    """Where each is, how long it stays, and whether it is of what was told."""
    both = (("texts expired to", keep.articles, False), ("told texts expired to", keep.evidence, True))
    return [(mark, age, is_told) for mark, age, is_told in both if age is not None]


def _batch(
    connection: Connection, mark: str, age: timedelta, now: datetime, *, is_told: bool
) -> tuple[list[int], list[int]]:
    """The articles to look at, and those of them whose texts go."""
    known = fact(connection, mark)
    done = int(known[0]) if known else 0
    old = articles.c.first_seen < now - max(age, LEAST)
    query = select(articles.c.id).where(articles.c.id > done, old, articles.c.state.in_(("done", "archived", "failed")))
    ids = list(connection.execute(query.order_by(articles.c.id).limit(BATCH)).scalars())
    told = set(connection.execute(select(alerts.c.article_id).where(alerts.c.article_id.in_(ids))).scalars())
    return ids, [one for one in ids if (one in told) == is_told]


def _pass(
    connection: Connection, mark: str, age: timedelta, now: datetime, words: Mapping[ToIndex, Words], *, is_told: bool
) -> int:
    ids, gone = _batch(connection, mark, age, now, is_told=is_told)
    if not ids:
        return 0
    search.forget(connection, [words.get(one) or words_of(one) for one in search.texts_of(connection, gone)])
    for table in (texts, fingerprints, story_keys):
        connection.execute(delete(table).where(table.c.article_id.in_(gone)))
    search.queue(connection, gone)  # for its headline
    note(connection, mark, ids[-1], now)
    return len(ids)


def _bodies(connection: Connection, age: timedelta | None, now: datetime) -> int:
    if age is None:
        return 0
    old = select(evidence.c.id).where(evidence.c.seen_at < now - max(age, LEAST), evidence.c.body.is_not(None))
    ids = list(connection.execute(old.limit(BATCH)).scalars())
    connection.execute(update(evidence).where(evidence.c.id.in_(ids)).values(body=None))
    return len(ids)


def _polls(connection: Connection, now: datetime) -> int:
    ids = list(connection.execute(select(polls.c.id).where(polls.c.last_at < now - POLLS_FOR).limit(BATCH)).scalars())
    connection.execute(delete(polls).where(polls.c.id.in_(ids)))
    return len(ids)
