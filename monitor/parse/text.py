"""Mark-up to plain text: one line for titles and names, paragraphs for summaries and contents.

It keeps words and drops everything else; its result is text for reading and matching, never mark-up to show.
"""

from __future__ import annotations

import html
import re

from monitor.parse.markup import CERTAIN_TAG, TAG, decode_references, text_of_markup

MAX_TEXT = 256_000
MAX_LINE = 1_000
#: Mark-up beyond this is cut before it is parsed: four times the text that is kept.
_MAX_MARKUP = 4 * MAX_TEXT

_NAMED = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)([A-Za-z][A-Za-z0-9]{1,31});")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff\ud800-\udfff]")


def line(value: str | None, *, is_plain: bool = False) -> str:
    """One line of plain text: tags stripped, references decoded, white space collapsed, at most 1,000
    characters.

    `is_plain` text (Atom type="text") keeps what looks like tags.
    """
    if not value:
        return ""
    value = value[: 16 * MAX_LINE]
    if not is_plain and "<" in value and TAG.search(value):
        value = text_of_markup(value)
    value = decode_references(value)
    if not is_plain and "<" in value and TAG.search(value):  # escaped twice
        value = text_of_markup(value)
    if not value.isprintable():
        value = _CONTROLS.sub("", value)
    return " ".join(value.split())[:MAX_LINE].rstrip()


def paragraphs(value: str | None, *, is_plain: bool = False) -> str:
    """Plain text with one line a block element; at most 256,000 characters."""
    if not value:
        return ""
    value = value[:_MAX_MARKUP]
    if not is_plain:
        has_tags = "<" in value and TAG.search(value)
        value = text_of_markup(value) if has_tags else decode_references(value)
        if not has_tags and looks_like_html(value):  # escaped twice
            value = text_of_markup(value)
    return _tidy(value)[:MAX_TEXT].rstrip()


def first_sentence(text: str, limit: int = 160) -> str:
    """The first sentence, or as many whole words as fit `limit`; for entries without a title."""
    opening = text.lstrip().partition("\n")[0][: 4 * limit]
    sentence = re.match(r".{15,}?(?:[.!?…](?=\s|\Z)|[。！？])", opening)
    chosen = sentence.group() if sentence and sentence.end() <= limit else opening
    if len(chosen) <= limit:
        return chosen.strip()
    cut = chosen[:limit]
    return (cut.rpartition(" ")[0] or cut).rstrip(" ,;:-–—") + "…"


def looks_like_html(text: str) -> bool:
    """Whether a text that is labelled plain is HTML all the same: it closes a tag, or has one that needs no
    closing."""
    return "<" in text and bool(CERTAIN_TAG.search(text))


def with_characters(text: str) -> str:
    """HTML's named references, which XML does not know, as the characters they stand for."""
    return _NAMED.sub(lambda found: html.unescape(found.group()), text) if "&" in text else text


def _tidy(value: str) -> str:
    """Rows of words with one space between them, without control characters."""
    tidy = _rows(value.replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n"))
    if tidy.replace("\n", "").isprintable():
        return tidy
    clean = _CONTROLS.sub("", tidy)
    return _rows(clean) if clean != tidy else tidy


def _rows(value: str) -> str:
    return "\n".join(filter(None, [" ".join(row.split()) for row in value.split("\n")]))
