"""The source of a page without what nobody reads of it: programs, styles and drawings, half of most pages.

Parsing, copying and searching the tree cost in proportion to what is in it. JSON about the article stays.
"""

from __future__ import annotations

import re

#: A comment is passed over as it stands: what looks like a script in it is none.
_BEGIN = re.compile(r"<(?:!--|(script|style|svg)(?=[\s/>])([^<>]*)(>?))", re.IGNORECASE)
_EDGES = {name: re.compile(rf"<(/)?{name}(?=[\s/>])[^<>]*>", re.IGNORECASE) for name in ("script", "style", "svg")}


def without_unseen(source: str) -> str:
    """Its other characters are what they were. Where an end is missing or doubtful, all that follows stays: every
    reader has its own idea of what such a page says."""
    kept, at, begun = [], 0, _BEGIN.search(source)
    while begun:
        end = _end(source, begun)
        if end is None:
            break
        if begun[1] and not _is_kept(begun):
            kept.append(source[at : begun.start()])
            at = end
        begun = _BEGIN.search(source, end)
    return "".join((*kept, source[at:])) if kept else source


def _is_kept(begun: re.Match[str]) -> bool:
    return begun[2].endswith("/") or "+json" in begun[2].lower()


def _end(source: str, begun: re.Match[str]) -> int | None:
    """Where the element or comment that begins there is over."""
    if not begun[1]:
        at = source.find("-->", begun.start() + 2)
        return at + 3 if at >= 0 else None
    if not begun[3]:
        return None
    if begun[2].endswith("/"):  # `<svg/>` has no end
        return begun.end()
    name = begun[1].lower()
    tag = _EDGES[name].search(source, begun.end())
    while tag and not tag[1] and name != "svg":  # within a program or style only its end is a tag
        tag = _EDGES[name].search(source, tag.end())
    return tag.end() if tag and tag[1] else None
