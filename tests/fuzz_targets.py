# ruff: noqa: PT017  errors are expected of arbitrary bytes; what they say is checked
"""What fuzzing feeds with arbitrary bytes, and what must hold whatever the bytes are.

Each function raises only where the program is wrong; errors in words that the program is meant to give are swallowed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from monitor.config import load_watchlist_file
from monitor.config.opml import read_opml
from monitor.errors import InputError, ParseFailed
from monitor.extract import choose, extract
from monitor.model import Entry
from monitor.parse import MAX_ENTRIES, parse_feed
from monitor.query import QueryError, parse

URL = "https://example.org/feed.xml"
LONGEST_TEXT = 500_000


def feed(data: bytes) -> None:
    """A feed document: bounded, each entry with a name of its own, and the same when it is read again."""
    try:
        found = parse_feed(data, url=URL)
    except ParseFailed as failure:
        assert str(failure)
        return
    assert len(found.entries) <= MAX_ENTRIES
    for entry in found.entries:
        assert entry.identities
        assert "\0" not in entry.title
        assert entry.url is None or entry.url.startswith(("http://", "https://"))
    assert parse_feed(data, url=URL).entries == found.entries


def page(data: bytes) -> None:
    """A page: some text within bounds, or the feed's words with the reason."""
    read = extract(data, url=URL)
    assert len(read.text) <= LONGEST_TEXT
    entry = Entry(identities=("a",), url=URL, title="News", summary="What the feed said.")
    reading = choose(entry, read, "", "auto")
    assert reading.text
    assert "\0" not in reading.text


def expression(data: bytes) -> None:
    """An expression of a watch: a tree that reads the same when it is written back, or an error at a column."""
    text = data.decode("utf-8", "replace")
    try:
        tree = parse(text)
    except QueryError as error:
        assert 1 <= error.column <= len(text) + 1
        return
    assert str(parse(str(tree))) == str(tree)


def configuration(data: bytes) -> None:
    """A watchlist file: watches, or problems that each say where."""
    with tempfile.NamedTemporaryFile(suffix=".yaml") as file:
        Path(file.name).write_bytes(data)
        try:
            load_watchlist_file(file.name)
        except InputError as error:
            assert str(error)


def outlines(data: bytes) -> None:
    """An OPML file: feeds with addresses, or one sentence."""
    try:
        feeds = read_opml(data)
    except InputError as error:
        assert str(error)
        return
    assert all(feed.url.lower().startswith(("http://", "https://")) for feed in feeds)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "feed": feed,
    "page": page,
    "expression": expression,
    "configuration": configuration,
    "outlines": outlines,
}
