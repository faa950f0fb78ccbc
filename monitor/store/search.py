"""The index of the archive's words: what waits for it, what it holds, and which articles hold given words.

It knows words only, as monitor.language.indexing makes them; whether an article is meant is the matcher's to say. What
an index is made of differs by database, and only here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, MetaData, Table, Text, delete, func, select, text

from monitor.language.indexing import ToIndex, Words
from monitor.match.wanted import OPEN, Both, Either, Has, Need, Wanted
from monitor.store import bulk
from monitor.store.schema import articles, texts

_tables = MetaData()  # of a migration written by hand
search_queue = Table("search_queue", _tables, Column("article_id", BigInteger, primary_key=True, autoincrement=False))
search_languages = Table(
    "search_languages", _tables, Column("language", Text, primary_key=True), Column("articles", BigInteger)
)

AT_ONCE = 500  # rows that one query names by number


# ------------------------------------------------------------------------------------------------------ filling


def queue(connection: Connection, ids: Iterable[int]) -> None:
    """These articles are new, or say something else: they are to be indexed."""
    bulk.insert(connection, search_queue, ("article_id",), ((number,) for number in ids), ignore=True)


def unindexed(connection: Connection) -> int:
    """How many articles wait for the index."""
    return int(connection.execute(select(func.count()).select_from(search_queue)).scalar_one())


def waiting(connection: Connection, limit: int) -> list[ToIndex]:
    """Articles that wait for the index, the newest first: they are asked for most."""
    numbers = select(search_queue.c.article_id).order_by(search_queue.c.article_id.desc()).limit(limit)
    ids = list(connection.execute(numbers).scalars())
    known = {one.article_id: one for one in _to_index(connection, ids)}
    gone = [number for number in ids if number not in known]
    return [*known.values(), *(ToIndex(number, "", "", "", "", None) for number in gone)]


def _to_index(connection: Connection, ids: Sequence[int]) -> list[ToIndex]:
    source = func.coalesce(articles.c.same_as, articles.c.id)
    columns = (articles.c.id, articles.c.title, articles.c.url, articles.c.author, articles.c.language, texts.c.text)
    query = select(*columns).outerjoin(texts, texts.c.article_id == source).where(articles.c.id.in_(ids))
    return [
        ToIndex(row.id, row.title, row.text or "", row.url or "", row.author or "", row.language)
        for row in connection.execute(query)
    ]


def enter(connection: Connection, found: Sequence[Words]) -> None:
    """Index articles, which then wait no longer."""
    ids = [one.article_id for one in found]
    rows = [{"id": one.article_id, "words": sorted(one.words)} for one in found if one.words]
    if rows and _is_sqlite(connection):
        # What an earlier version of the article said stays findable; the matcher then finds nothing in it.
        connection.execute(text("INSERT INTO search_index(rowid, words) VALUES (:id, :words)"), _joined(rows))
    elif rows:
        values = "INSERT INTO search_index VALUES (:id, array_to_tsvector(CAST(:words AS text[])))"
        connection.execute(text(f"{values} ON CONFLICT (article_id) DO UPDATE SET words = excluded.words"), rows)
    counted = Counter(language for one in found for language in one.languages)
    if counted:
        connection.execute(_COUNTED, [{"language": one, "articles": number} for one, number in counted.items()])
    for part in _parts(ids):
        connection.execute(delete(search_queue).where(search_queue.c.article_id.in_(part)))


def forget(connection: Connection, found: Sequence[Words]) -> None:
    """Take articles out of the index whose texts are about to be dropped; `words` as they were entered. Those that
    still wait for the index are not in it with these words, and FTS5 breaks when it is told to drop what it has not."""
    ids = [one.article_id for one in found]
    if _is_sqlite(connection):
        late = _waiting_of(connection, ids)
        entered = [one for one in found if one.words and one.article_id not in late]
        rows = [{"id": one.article_id, "words": sorted(one.words)} for one in entered]
        statement = "INSERT INTO search_index(search_index, rowid, words) VALUES ('delete', :id, :words)"
        if rows:
            connection.execute(text(statement), _joined(rows))
    else:
        connection.execute(text("DELETE FROM search_index WHERE article_id = ANY(:ids)"), {"ids": ids})
    for part in _parts(ids):
        connection.execute(delete(search_queue).where(search_queue.c.article_id.in_(part)))


def _waiting_of(connection: Connection, ids: Sequence[int]) -> set[int]:
    query = select(search_queue.c.article_id)
    parts = (connection.execute(query.where(search_queue.c.article_id.in_(part))).scalars() for part in _parts(ids))
    return {number for found in parts for number in found}


def _joined(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{"id": row["id"], "words": " ".join(row["words"])} for row in rows]


def texts_of(connection: Connection, ids: Sequence[int]) -> list[ToIndex]:
    """These articles as they are to be indexed, or were."""
    return [one for part in _parts(ids) for one in _to_index(connection, part)]


# ------------------------------------------------------------------------------------------------------- asking


def languages(connection: Connection) -> dict[str, int]:
    """The languages that articles are read in, with how many are; an article may count in several. Those that wait
    for the index count in the one that they were found to be in."""
    query = select(search_languages.c.language, search_languages.c.articles).order_by(search_languages.c.language)
    counted = Counter({row.language: row.articles for row in connection.execute(query)})
    late = select(articles.c.language, func.count().label("articles")).group_by(articles.c.language)
    late = late.join(search_queue, search_queue.c.article_id == articles.c.id).where(articles.c.language.is_not(None))
    counted.update({row.language: row.articles for row in connection.execute(late)})
    return dict(counted)


_COUNTED = text(
    "INSERT INTO search_languages VALUES (:language, :articles)"
    " ON CONFLICT (language) DO UPDATE SET articles = search_languages.articles + excluded.articles"
)


def candidates(
    connection: Connection, need: Need, *, first: int = 0, before: int | None = None, limit: int | None = None
) -> list[int]:
    """Numbers of articles that hold what is needed, the newest first: from `first` on, below `before`.

    Articles that wait for the index are always among them, and with no need every article is.
    """
    bounds = {"first": first, "before": before if before is not None else 2**62, "limit": limit or 2**62}
    if need is None:
        return list(connection.execute(_EVERYTHING, bounds).scalars())
    is_sqlite = _is_sqlite(connection)
    statement, asked = (_FTS5, fts_query(need)) if is_sqlite else (_TSVECTOR, ts_query(need))
    found = connection.execute(statement, bounds | {"need": asked}).scalars()
    late = connection.execute(_QUEUED, bounds).scalars()
    return sorted({*found, *late}, reverse=True)[:limit]


_EVERYTHING = text(
    "SELECT id FROM articles WHERE id >= :first AND id < :before AND state IN ('done', 'archived', 'edited')"
    " ORDER BY id DESC LIMIT :limit"
)
_FTS5 = text(
    "SELECT rowid FROM search_index WHERE search_index MATCH :need AND rowid >= :first AND rowid < :before"
    " ORDER BY rowid DESC LIMIT :limit"
)
_TSVECTOR = text(
    "SELECT article_id FROM search_index WHERE words @@ CAST(:need AS tsquery)"
    " AND article_id >= :first AND article_id < :before ORDER BY article_id DESC LIMIT :limit"
)
_QUEUED = text(
    "SELECT article_id FROM search_queue WHERE article_id >= :first AND article_id < :before"
    " ORDER BY article_id DESC LIMIT :limit"
)


def fts_query(need: Wanted) -> str:
    """In the language of SQLite's FTS5."""
    match need:
        case Has(words=words):
            return "(" + " OR ".join(map(_fts_word, sorted(words))) + ")" if words else '("\x7f")'
        case Both(parts=parts):
            return "(" + " AND ".join(map(fts_query, parts)) + ")"
        case Either(parts=parts):
            return "(" + " OR ".join(map(fts_query, parts)) + ")"


def _fts_word(word: str) -> str:
    return f'"{word[:-1]}" *' if word.endswith(OPEN) else f'"{word}"'


def ts_query(need: Wanted) -> str:
    """As PostgreSQL's tsquery."""
    match need:
        case Has(words=words):
            return "(" + " | ".join(map(_ts_word, sorted(words))) + ")" if words else "'\x7f'"
        case Both(parts=parts):
            return "(" + " & ".join(map(ts_query, parts)) + ")"
        case Either(parts=parts):
            return "(" + " | ".join(map(ts_query, parts)) + ")"


def _ts_word(word: str) -> str:
    bare = word.removesuffix(OPEN).replace("\\", "\\\\").replace("'", "''")
    return f"'{bare}':*" if word.endswith(OPEN) else f"'{bare}'"


def _is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


def _parts(ids: Collection[int]) -> Iterable[list[int]]:
    wanted = list(ids)
    return (wanted[start : start + AT_ONCE] for start in range(0, len(wanted), AT_ONCE))


def vocabulary(connection: Connection, beginning: str, most: int = 20_000) -> dict[str, int]:
    """Words of the index that begin so, with how many articles hold each; at most so many words are looked at."""
    bounds = {"low": beginning, "high": beginning + "\U0010ffff", "most": most}
    if _is_sqlite(connection):
        connection.execute(
            text("CREATE VIRTUAL TABLE IF NOT EXISTS temp.search_words USING fts5vocab(main, search_index, row)")
        )
        query = "SELECT term, doc FROM temp.search_words WHERE term >= :low AND term < :high LIMIT :most"
    else:
        query = (
            "SELECT word, ndoc FROM ts_stat('SELECT words FROM search_index ORDER BY article_id DESC LIMIT 20000')"
            " WHERE word >= :low AND word < :high LIMIT :most"
        )
    return {word: int(number) for word, number in connection.execute(text(query), bounds)}


def size(connection: Connection) -> int:
    """About how many articles the index holds."""
    return int(connection.execute(select(func.count()).select_from(articles)).scalar_one())
