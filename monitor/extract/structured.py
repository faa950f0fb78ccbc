"""What a page's JSON-LD says of the article: headline, author and outlet.

trafilatura reads the values; the blocks are taken apart here as they stand. Its own way takes references and tags out
of the whole block first, which breaks JSON that quotes (`&quot;`), and then searches what is left in square time: a
second for a block of a megabyte.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from html import unescape
from typing import Any

_KINDS = frozenset({"application/ld+json", "application/settings+json"})
#: Around a block, from times when XHTML was written.
_OPENED = re.compile(r"(?://|/\*)?\s*<!\[CDATA\[\s*(?:\*/)?")
_CLOSED = re.compile(r"(?://|/\*)?\s{0,9}\]\]>\s{0,9}(?:\*/)?\Z")
#: So much of a block's end is looked at for what closes it.
_END = 40
#: What is no JSON is read up to so many characters of a page: reading it costs the square of this.
_MOST_BROKEN = 20_000


def add_structured(tree: Any, found: Any) -> None:
    """Add to trafilatura's document what the blocks of its tree say; those of odd shape add nothing."""
    left = _MOST_BROKEN
    for script in tree.iter("script"):
        block = script.text if script.get("type") in _KINDS else None
        if not block:
            continue
        value = _value(block)
        if value is None:
            if len(block) > left:
                continue
            left -= len(block)
        with suppress(Exception):  # values of any shape
            _add(block, value, found)


def _add(block: str, value: Any, found: Any) -> None:
    from trafilatura import json_metadata

    read: Any = json_metadata
    before = (found.title, found.sitename, found.author)
    if value is not None:
        read.extract_json(value, found)
    else:
        read.extract_json_parse_error(read.normalize_json(block), found)
    for name, old in zip(("title", "sitename", "author"), before, strict=True):
        new = getattr(found, name)
        if new != old and isinstance(new, str):
            setattr(found, name, read.normalize_json(unescape(new)))


def _value(block: str) -> Any:
    """None where it is no JSON."""
    with suppress(ValueError, RecursionError):
        return json.loads(block, strict=False)
    with suppress(ValueError, RecursionError):
        return json.loads(_unwrapped(block.strip()), strict=False)
    return None


def _unwrapped(block: str) -> str:
    opened = _OPENED.match(block)
    closed = _CLOSED.search(block, max(0, len(block) - _END))
    return block[opened.end() if opened else 0 : closed.start() if closed else len(block)]
