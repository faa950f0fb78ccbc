"""Articles, their texts, hits and decisions as rows.

An article keeps its row for ever (it is what we have seen); only its text may be dropped by age.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, or_, select, update

from monitor.alerting import Decision
from monitor.edits import Before, Edit
from monitor.edits import shown as words_shown
from monitor.model import Article, Entry, Evidence, Hit, MatchedOn, Reading
from monitor.store import bulk, search
from monitor.store.feeds import insert_ignore
from monitor.store.schema import EPOCH, MICROSECOND, articles, decisions, feeds, hits, texts

#: Attempts to study an article before it is left alone.
TRIES = 5
#: States in which an article is to be studied.
UNREAD = ("waiting", "edited")


@dataclass(frozen=True, slots=True)
class Waiting:
    """An article whose page is still to be read, with the entry as its feed showed it."""

    id: int
    feed_id: int
    feed_url: str
    feed_title: str
    feed_language: str | None
    first_seen: datetime
    is_first_look: bool
    canonical_url: str | None
    entry: Entry
    is_edit: bool = False  # it was read before; only what its feed says has changed


def add_waiting(
    connection: Connection, feed_id: int, entry: Entry, canonical_url: str | None, now: datetime, *, is_first_look: bool
) -> int:
    """A new entry whose page is to be read: the durable intention. Returns the article's id."""
    return add_all_waiting(connection, feed_id, [(entry, canonical_url)], now, is_first_look=is_first_look)[0]


def add_all_waiting(
    connection: Connection,
    feed_id: int,
    entries: Sequence[tuple[Entry, str | None]],
    now: datetime,
    *,
    is_first_look: bool,
) -> list[int]:
    """As `add_waiting`, of several entries with their canonical addresses; ids in the same order."""
    ids = bulk.new_ids(connection, articles, len(entries)) if entries else []
    rows = (
        (*_row(one, feed_id, entry, url, now), "summary", "", "waiting", is_first_look, packed(entry))
        for one, (entry, url) in zip(ids, entries, strict=True)
    )
    bulk.insert(connection, articles, (*_ROW, "entry"), rows)
    return ids


def add_archived(
    connection: Connection, feed_id: int, entries: Sequence[tuple[Entry, str | None]], now: datetime
) -> list[int]:
    """Entries of a first poll that are too old to alert, with the feed's own text. Returns ids in the same order."""
    ids = bulk.new_ids(connection, articles, len(entries)) if entries else []
    note = "older than 'fresh' at the first poll"
    rows = (
        (*_row(one, feed_id, entry, url, now), _text_kind(entry), note, "archived", True)
        for one, (entry, url) in zip(ids, entries, strict=True)
    )
    bulk.insert(connection, articles, _ROW, rows)
    contents = ((one, entry.content or entry.summary) for one, (entry, _) in zip(ids, entries, strict=True))
    bulk.insert(connection, texts, ("article_id", "text"), (content for content in contents if content[1]))
    search.queue(connection, ids)
    return ids


def _text_kind(entry: Entry) -> MatchedOn:
    return "feed text" if entry.content else "summary" if entry.summary else "headline"


_ROW = (
    *("id", "feed_id", "url", "canonical_url", "title", "author", "published", "first_seen", "language", "source"),
    *("shown", "tries", "rematches", "matched_on", "note", "state", "is_first_look"),
)


def _row(number: int, feed_id: int, entry: Entry, canonical_url: str | None, now: datetime) -> tuple[Any, ...]:
    """The columns of `_ROW` that are the same for every new entry."""
    said = (entry.url, canonical_url, entry.title, entry.author, entry.published)
    return (number, feed_id, *said, now, entry.language, entry.source, words_shown(entry), 0, 0)


def before_edits(connection: Connection, ids: Iterable[int]) -> dict[int, Before]:
    """What is known of these articles, to see whether their entries were edited."""
    query = "SELECT id, state, shown, rematches, first_seen FROM articles WHERE true"
    rows = bulk.among(connection, query, "id", list(ids))
    return {one: Before(state, shown, times, EPOCH + seen * MICROSECOND) for one, state, shown, times, seen in rows}


def apply_edits(connection: Connection, edits: Iterable[Edit]) -> list[int]:
    """Note what entries show now; the ids of articles that are to be matched again, or read after all."""
    again = []
    for edit in edits:
        values: dict[str, Any] = {"shown": edit.shown}
        if edit.what != "note":
            values |= {"entry": packed(edit.entry), "rematches": articles.c.rematches + 1}
        if edit.what == "match":
            values |= {"state": "edited"}
        if edit.what == "read":
            values |= {"state": "waiting", "is_first_look": False}
        connection.execute(update(articles).where(articles.c.id == edit.article_id).values(**values))
        if edit.what in ("match", "read"):
            again.append(edit.article_id)
    return again


def finish(
    connection: Connection, article_id: int, reading: Reading, language: str | None, same_as: int | None
) -> bool:
    """Record what was read. False when another process has done so already, and nothing is to be done.

    The text of a twin (`same_as`) is kept once, where it is this article's text.
    """
    if same_as is not None and not _has_text(connection, same_as, reading.text):
        same_as = None
    values = {
        "title": reading.title,
        "author": reading.author,
        "published": reading.published,
        "language": language,
        "matched_on": reading.matched_on,
        "note": reading.note,
        "state": "done",
        "same_as": same_as,
        "entry": None,
    }
    if connection.execute(_FINISHED, {"which": article_id, **values}).rowcount == 0:
        return False
    search.queue(connection, [article_id])
    if same_as is None and reading.text:
        connection.execute(delete(texts).where(texts.c.article_id == article_id))  # of one that was archived unread
        connection.execute(texts.insert(), {"article_id": article_id, "text": reading.text})
    return True


#: Statements of every article, put together once.
_BY_ID = update(articles).where(articles.c.id == bindparam("which"))
_FINISHED = _BY_ID.where(articles.c.state == "waiting")


def _has_text(connection: Connection, article_id: int, text: str) -> bool:
    kept = connection.execute(select(texts.c.text).where(texts.c.article_id == article_id)).scalar()
    return kept == text


def finish_edit(connection: Connection, article_id: int, reading: Reading, language: str | None) -> int | None:
    """Record what an edited article says now; its story. None when another process has done so already."""
    mine = (articles.c.id == article_id) & (articles.c.state == "edited")
    values = {
        "title": reading.title,
        "language": language,
        "matched_on": reading.matched_on,
        "note": reading.note,
        "state": "done",
        "entry": None,
    }
    done = update(articles).where(mine).values(**values).returning(articles.c.story_id, articles.c.same_as)
    row = connection.execute(done).first()
    if row is None:
        return None
    search.queue(connection, [article_id])
    if row.same_as is None and reading.text:
        connection.execute(delete(texts).where(texts.c.article_id == article_id))
        connection.execute(texts.insert(), {"article_id": article_id, "text": reading.text})
    story: int | None = row.story_id
    return story


def place(connection: Connection, article_id: int, story_id: int, relation: str, copy_of: int | None) -> None:
    """Record the story that the article belongs to."""
    connection.execute(_BY_ID, {"which": article_id, "story_id": story_id, "relation": relation, "copy_of": copy_of})


def note_try(connection: Connection, article_id: int, error: str, now: datetime) -> bool:
    """An attempt to study the article ended its worker. True when only its headline is worth another; after that it
    is left alone, and `monitor status` says so."""
    mine = update(articles).where(articles.c.id == article_id, articles.c.state.in_(UNREAD))
    tried = mine.values(tries=articles.c.tries + 1, tried_at=now, note=error)
    tries = connection.execute(tried.returning(articles.c.tries)).scalar() or 0
    if tries > TRIES:
        connection.execute(mine.values(state="failed"))
    return tries == TRIES


def left_over(connection: Connection, now: datetime, limit: int, busy: Collection[int] = ()) -> list[int]:
    """Ids of articles that were not read yet, oldest first; one that ended its worker waits twice as long each time."""
    columns = (articles.c.id, articles.c.tries, articles.c.tried_at)
    free = or_(articles.c.read_until.is_(None), articles.c.read_until <= now)  # another machine may be at it
    rows = connection.execute(select(*columns).where(articles.c.state.in_(UNREAD), free).order_by(articles.c.id))
    due = (row.id for row in rows if row.tried_at is None or now - row.tried_at >= timedelta(minutes=2**row.tries))
    return list(islice((one for one in due if one not in busy), limit))


def waiting(connection: Connection, limit: int, ids: Iterable[int] | None = None) -> list[Waiting]:
    """Articles that are to be read, or matched again, oldest first; only those of `ids` if given."""
    query, values = (_WAITING, {}) if ids is None else (_WAITING_OF, {"ids": list(ids)})
    rows = connection.execute(query, {"most": limit, **values})
    return [made_of(row, _unpack(row.entry)) for row in rows]


def twin(connection: Connection, article_id: int, canonical_url: str | None) -> int | None:
    """The earliest article of another feed with this address whose text is read, so that no page is fetched twice.

    An address that a feed gives to several of its entries (its home page, a live ticker) is nobody's own.
    """
    if canonical_url is None:
        return None
    there = connection.execute(_AT_ADDRESS, {"address": canonical_url}).all()
    mine = connection.execute(_FEED_OF, {"which": article_id}).scalar()
    times = Counter(row.feed_id for row in there)
    if len(there) == _SHARED or times[mine] > 1:
        return None
    read = (row.id for row in there if row.state in ("done", "edited") and row.same_as is None)
    others = {row.id for row in there if row.feed_id != mine and times[row.feed_id] == 1}
    return next((one for one in read if one in others), None)


#: Statements of every page, put together once.
_WAITING = (
    select(articles, feeds.c.url.label("feed_url"), feeds.c.title.label("feed_title"))
    .add_columns(feeds.c.language.label("feed_language"))
    .join(feeds, feeds.c.id == articles.c.feed_id)
    .where(articles.c.state.in_(UNREAD))
    .order_by(articles.c.id)
    .limit(bindparam("most"))
)
_WAITING_OF = _WAITING.where(articles.c.id.in_(bindparam("ids", expanding=True)))

#: An address of so many articles is nobody's own, whoever shows it.
_SHARED = 200
_AT_ADDRESS = (
    select(articles.c.id, articles.c.feed_id, articles.c.state, articles.c.same_as)
    .where(articles.c.canonical_url == bindparam("address"))
    .order_by(articles.c.id)
    .limit(_SHARED)
)
_FEED_OF = select(articles.c.feed_id).where(articles.c.id == bindparam("which"))


def read_page_later(connection: Connection, one: Waiting, at: datetime) -> None:
    """Have an article that was matched without its page taken up again, with it, from then on."""
    mine = update(articles).where(articles.c.id == one.id, articles.c.state == "done")
    connection.execute(mine.values(state="edited", entry=packed(one.entry), read_by=None, read_until=at))


def readdress(connection: Connection, article_id: int, canonical_url: str | None) -> None:
    """The article is known by another address than its feed gave: a proxy led there."""
    connection.execute(update(articles).where(articles.c.id == article_id).values(canonical_url=canonical_url))


def shares_address(connection: Connection, one: Waiting) -> bool:
    """Whether its feed gave other entries the same address, so that the page there is not this article's."""
    if one.canonical_url is None:
        return False
    there = connection.execute(_AT_ADDRESS, {"address": one.canonical_url}).all()
    return len(there) == _SHARED or any(row.feed_id == one.feed_id and row.id != one.id for row in there)


def load(connection: Connection, article_id: int) -> Article | None:
    """The article with its text, a twin's text being that of the first."""
    source = func.coalesce(articles.c.same_as, articles.c.id)
    query = (
        select(articles, texts.c.text).outerjoin(texts, texts.c.article_id == source).where(articles.c.id == article_id)
    )
    row = connection.execute(query).first()
    return _article(row) if row else None


def add_hits(connection: Connection, article_id: int, found: Sequence[Hit], now: datetime) -> None:
    """Record hits with their evidence; one a watch."""
    rows = [
        {
            "article_id": article_id,
            "watchlist": hit.watchlist,
            "watch": hit.watch,
            "evidence": [asdict(evidence) for evidence in hit.evidence],
            "found_at": now,
        }
        for hit in found
    ]
    if rows:
        connection.execute(insert_ignore(connection, hits), rows)


def renew_hits(connection: Connection, article_id: int, found: Iterable[Hit]) -> None:
    """Evidence whose offsets are those of the article's new text, for watches that hit its old one."""
    for hit in found:
        mine = (hits.c.article_id == article_id) & (hits.c.watchlist == hit.watchlist) & (hits.c.watch == hit.watch)
        connection.execute(update(hits).where(mine).values(evidence=[asdict(evidence) for evidence in hit.evidence]))


def hits_of(connection: Connection, article_id: int) -> tuple[Hit, ...]:
    return hits_of_each(connection, [article_id]).get(article_id, ())


def hits_of_each(connection: Connection, article_ids: Collection[int]) -> dict[int, tuple[Hit, ...]]:
    """By article, those that have any."""
    query = select(hits).where(hits.c.article_id.in_(list(article_ids))).order_by(hits.c.id)
    found: defaultdict[int, list[Hit]] = defaultdict(list)
    for row in connection.execute(query):
        evidence = tuple(Evidence(**piece) for piece in row.evidence)
        found[row.article_id].append(Hit(row.watch, row.watchlist, evidence))
    return {article: tuple(of_article) for article, of_article in found.items()}


def add_decisions(connection: Connection, article_id: int, made: Iterable[Decision], now: datetime) -> None:
    """Record what was decided, for `monitor explain`."""
    rows = [
        {
            "article_id": article_id,
            "channel": one.channel,
            "action": one.action,
            "why": one.why,
            "cause": one.cause,
            "held_until": one.due if one.bundle else None,
            "decided_at": now,
        }
        for one in made
    ]
    if rows:
        connection.execute(decisions.insert(), rows)


def packed(entry: Entry) -> dict[str, Any]:
    """An entry as values of JSON."""
    values = asdict(entry)
    for name in ("published", "updated"):
        values[name] = values[name] and values[name].isoformat()
    return values


def _unpack(packed: Mapping[str, Any]) -> Entry:
    values = dict(packed)
    for name in ("published", "updated"):
        values[name] = values[name] and datetime.fromisoformat(values[name])
    for name in ("identities", "tags"):
        values[name] = tuple(values[name])
    return Entry(**values)


def made_of(row: Row[Any], entry: Entry) -> Waiting:
    """An article's row, joined with its feed's address, title and language, as what is concluded about."""
    return Waiting(
        id=row.id,
        feed_id=row.feed_id,
        feed_url=row.feed_url,
        feed_title=row.feed_title,
        feed_language=row.feed_language,
        first_seen=row.first_seen,
        is_first_look=row.is_first_look,
        canonical_url=row.canonical_url,
        entry=entry,
        is_edit=row.state == "edited",
    )


def _article(row: Row[Any]) -> Article:
    return Article(
        id=row.id,
        feed_id=row.feed_id,
        url=row.url,
        title=row.title,
        text=row.text or "",
        matched_on=row.matched_on,
        first_seen=row.first_seen,
        note=row.note,
        canonical_url=row.canonical_url,
        author=row.author,
        published=row.published,
        language=row.language,
    )
