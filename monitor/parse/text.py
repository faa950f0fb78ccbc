"""Mark-up to plain text: one line for titles and names, paragraphs for summaries and contents.

It keeps words and drops everything else; its result is text for reading and matching, never mark-up to show.
"""

from __future__ import annotations

import html
import re

MAX_TEXT = 256_000
MAX_LINE = 1_000
#: Mark-up beyond this is cut before it is parsed: four times the text that is kept.
_MAX_MARKUP = 4 * MAX_TEXT

_TAGS = (
    "a abbr acronym address article aside audio b bdi bdo big blockquote body br button caption center "
    "cite code col dd del details dfn div dl dt em embed fieldset figcaption figure font footer form h1 "
    "h2 h3 h4 h5 h6 head header hr html i iframe img input ins kbd label legend li link main map mark "
    "meta nav noscript object ol p param picture pre q s samp script section select small source span "
    "strike strong style sub summary sup table tbody td textarea tfoot th thead time title tr tt u ul var "
    "video wbr"
)
_TAG = re.compile(rf"</?(?:{'|'.join(_TAGS.split())})(?:\s[^<>]*)?/?>|<!--", re.IGNORECASE)
_CERTAIN_TAG = re.compile(rf"</(?:{'|'.join(_TAGS.split())})\s*>|<(?:p|br|img|hr|li)(?:\s[^<>]*)?/?>", re.IGNORECASE)
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_NAMED = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)([A-Za-z][A-Za-z0-9]{1,31});")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff\ud800-\udfff]")
_BLOCK_WORDS = (
    "address article aside blockquote br caption center dd details div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hr legend li main nav ol option p pre section summary table "
    "tbody td tfoot th thead title tr ul"
)
_BLOCKS = _BLOCK_WORDS.split()
_SILENT = (
    "script",
    "style",
    "template",
    "noscript",
    "iframe",
    "object",
    "embed",
    "svg",
    "math",
    "select",
    "button",
)


def line(value: str | None, *, is_plain: bool = False) -> str:
    """One line of plain text: tags stripped, references decoded, white space collapsed, at most 1,000
    characters.

    `is_plain` text (Atom type="text") keeps what looks like tags.
    """
    if not value:
        return ""
    value = value[: 16 * MAX_LINE]
    if not is_plain and "<" in value and _TAG.search(value):
        value = _text_of_markup(value)
    value = _decode_references(value)
    if not is_plain and "<" in value and _TAG.search(value):  # escaped twice
        value = _text_of_markup(value)
    if not value.isprintable():
        value = _CONTROLS.sub("", value)
    return " ".join(value.split())[:MAX_LINE].rstrip()


def paragraphs(value: str | None, *, is_plain: bool = False) -> str:
    """Plain text with one line a block element; at most 256,000 characters."""
    if not value:
        return ""
    value = value[:_MAX_MARKUP]
    if not is_plain:
        has_tags = "<" in value and _TAG.search(value)
        value = _text_of_markup(value) if has_tags else _decode_references(value)
        if not has_tags and looks_like_html(value):  # escaped twice
            value = _text_of_markup(value)
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
    return "<" in text and bool(_CERTAIN_TAG.search(text))


def with_characters(text: str) -> str:
    """HTML's named references, which XML does not know, as the characters they stand for."""
    return _NAMED.sub(lambda found: html.unescape(found.group()), text) if "&" in text else text


def _tidy(value: str) -> str:
    value = _CONTROLS.sub("", value.replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n"))
    return "\n".join(filter(None, (" ".join(row.split()) for row in value.split("\n"))))


def _decode_references(value: str) -> str:
    return _REFERENCE.sub(lambda found: html.unescape(found.group()), value) if "&" in value else value


def _text_of_markup(value: str) -> str:
    """The words of HTML in order, a line break at every block element's edges; parsed and joined by
    libxml2."""
    from lxml import etree

    flat = value.replace("\n", " ").replace("\r", " ")
    try:
        # No parser is shared: one that met bad input keeps state, and making one costs microseconds.
        root = etree.fromstring(f"<div>{flat}</div>", etree.HTMLParser(remove_comments=True, remove_pis=True))
        etree.strip_elements(root, *_SILENT, with_tail=False)
        for block in root.iter(*_BLOCKS):
            block.text, block.tail = f"\n{block.text or ''}", f"\n{block.tail or ''}"
        text = str(etree.tostring(root, method="text", encoding="unicode"))
    except (etree.LxmlError, ValueError, AttributeError):
        text = ""
    # libxml2 drops what is nested deeper than 256 elements; hiding text that way must not work.
    return text if text.strip() else _decode_references(re.sub(r"<[^<>]{0,2000}>", " ", flat))
