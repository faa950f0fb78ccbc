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
_WRAPPING = re.compile(r"\A\s*(?://|/\*)?\s*<!\[CDATA\[\s*(?:\*/)?|(?://|/\*)?\s*\]\]>\s*(?:\*/)?\s*\Z")
#: Longer ones that are no JSON are left alone: reading them costs the square of this.
_MOST_BROKEN = 20_000


def add_structured(tree: Any, found: Any) -> None:
    """Add to trafilatura's document what the blocks of its tree say; those of odd shape add nothing."""
    for script in tree.iter("script"):
        if script.text and script.get("type") in _KINDS:
            with suppress(Exception):  # values of any shape
                _add(script.text, found)


def _add(block: str, found: Any) -> None:
    from trafilatura import json_metadata

    read: Any = json_metadata
    before = (found.title, found.sitename, found.author)
    value = _value(block)
    if value is not None:
        read.extract_json(value, found)
    elif len(block) <= _MOST_BROKEN:
        read.extract_json_parse_error(read.normalize_json(block), found)
    for name, old in zip(("title", "sitename", "author"), before, strict=True):
        new = getattr(found, name)
        if new != old and isinstance(new, str):
            setattr(found, name, read.normalize_json(unescape(new)))


def _value(block: str) -> Any:
    """None where it is no JSON."""
    for text in (block, _WRAPPING.sub("", block)):
        with suppress(ValueError, RecursionError):
            return json.loads(text, strict=False)
    return None
