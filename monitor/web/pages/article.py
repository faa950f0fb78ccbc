"""An article: its text with the words marked, and the whole way that it took, each step with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from monitor.explain import explain
from monitor.model import Hit
from monitor.render.evidence import Span, mark
from monitor.search import Outlets
from monitor.shortid import decode, encode
from monitor.store import articles, evidence, judgments, pages
from monitor.web.desk import Look, NotHere
from monitor.web.passages import MOST_TEXT, paragraphs


def read(connection: Connection, look: Look) -> Mapping[str, Any]:
    number = decode(look.places["id"], "N")
    found = articles.load(connection, number) if number is not None and number < 2**62 else None
    if found is None:
        raise NotHere("there is no such article")
    row = pages.article(connection, found.id)
    hits = articles.hits_of(connection, found.id)
    marks = {(one.watchlist, one.watch): one for one in judgments.of_article(connection, found.id)}
    way = explain(connection, encode("N", found.id), Outlets.of(look.config.feeds), look.now, zone=look.zone)
    return {
        "id": encode("N", found.id),
        "article": found,
        "row": row,
        "outlet": look.name(row.feed_url, row.feed_title),
        "story": encode("S", row.story_id) if row.story_id else None,
        "headline": _headline(found.title, hits),
        "paragraphs": paragraphs(found.text[:MOST_TEXT], _places(hits)),
        "is_cut": len(found.text) > MOST_TEXT,
        "hits": hits,
        "marks": marks,
        "way": way,
        "versions": evidence.versions(connection, found.id),
    }


def _headline(title: str, hits: Sequence[Hit]) -> tuple[Span, ...]:
    words = [piece.text for hit in hits for piece in hit.evidence if piece.field == "title"]
    return mark(title[:4000] or "(without a title)", words, 400)


def _places(hits: Sequence[Hit]) -> list[tuple[int, int]]:
    return [(one.start, one.end) for hit in hits for one in hit.evidence if one.field == "text"]
