"""Real feeds: the two ways of reading agree on what is stored, and every poll after the first has nothing new."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path

import pytest

from monitor.errors import ParseFailed
from monitor.identity import select_new
from monitor.model import Entry
from monitor.parse import parse_feed
from monitor.parse.draft import Draft, finish
from monitor.parse.encoding import decode
from monitor.parse.plain import is_feed, open_plain, read_plain
from monitor.parse.prolog import open_document
from monitor.parse.text import with_characters
from monitor.parse.tolerant import read_any

DATA = Path(__file__).parents[1].parent / "shared" / "data" / "feeds"
URL = "https://example.org/feed.xml"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shared data is not here")

#: Where feedparser is wrong, or reads something that we do not, and how many entries that touches (of 2,241):
#: guid: it makes a path of an Atom id and takes rdf:resource for one; author: it cuts names at brackets and joins
#: the podcast's; url: it keeps an item's xml:base for the next item; title, text: nested items, podcast summaries.
MOST_DIFFERENCES = {
    "guid": 24,
    "url": 11,
    "title": 8,
    "text": 32,
    "published": 0,
    "updated": 4,
    "source": 0,
    "author": 100,
}


def test_the_plain_and_the_tolerant_way_store_the_same() -> None:
    entries, differences = 0, Counter[str]()
    for path in sorted(DATA.glob("*.xml")):
        both = _both_ways(path.read_bytes())
        if both is None:
            continue
        plain, tolerant = ([finish(draft, URL) for draft in drafts] for drafts in both)
        assert len(plain) == len(tolerant), path.name
        entries += len(plain)
        for one, other in zip(plain, tolerant, strict=True):
            differences.update(name for name, value in _stored(one).items() if value != _stored(other)[name])
    assert entries > 2000
    assert {name: count for name, count in differences.items() if count > MOST_DIFFERENCES[name]} == {}


def _both_ways(body: bytes) -> tuple[list[Draft], list[Draft]] | None:
    try:
        text = with_characters(open_document(decode(body).text).text)
    except ParseFailed:
        return None
    tree = open_plain(text) if len(text) < 400_000 else None
    if tree is None or not is_feed(tree):
        return None
    return read_plain(tree), read_any(text).drafts


def _stored(entry: Entry) -> dict[str, object]:
    text = "".join((entry.content or entry.summary).split())
    names = ("guid", "url", "title", "published", "updated", "source", "author")
    return {"text": text} | {name: getattr(entry, name) for name in names}


def test_no_item_is_lost_and_a_second_poll_has_nothing_new() -> None:
    chance = random.Random(5)
    records = json.loads((DATA / "MANIFEST.json").read_text())
    assert records
    for record in records:
        feed = parse_feed((DATA / f"{record['id']}.xml").read_bytes(), url=URL)
        assert len(feed.entries) >= record["feedparser_entries"], record["id"]
        first = select_new(feed.entries, set())
        known = {name for entry in first.new for name in entry.identities}
        shuffled = chance.sample(feed.entries, len(feed.entries))
        assert select_new(feed.entries, known).new == (), record["id"]
        assert select_new(shuffled, known).new == (), record["id"]
        assert all(entry.title and entry.identities for entry in feed.entries)
