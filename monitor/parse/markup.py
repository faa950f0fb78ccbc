"""The words of HTML in order, with a line break at every block element's edges.

Mark-up that is as it should be, which most is, is taken out tag by tag; libxml2 reads the rest. Both ways must give the
same words.
"""

from __future__ import annotations

import html
import re

_TAG_NAMES = (
    "a abbr acronym address article aside audio b bdi bdo big blockquote body br button caption center "
    "cite code col dd del details dfn div dl dt em embed fieldset figcaption figure font footer form h1 "
    "h2 h3 h4 h5 h6 head header hr html i iframe img input ins kbd label legend li link main map mark "
    "meta nav noscript object ol p param picture pre q s samp script section select small source span "
    "strike strong style sub summary sup table tbody td textarea tfoot th thead time title tr tt u ul var "
    "video wbr"
)
_TAGS = _TAG_NAMES.split()
#: Whether a text holds mark-up at all, and whether it does though it is labelled plain.
TAG = re.compile(rf"</?(?:{'|'.join(_TAGS)})(?:\s[^<>]*)?/?>|<!--", re.IGNORECASE)
CERTAIN_TAG = re.compile(rf"</(?:{'|'.join(_TAGS)})\s*>|<(?:p|br|img|hr|li)(?:\s[^<>]*)?/?>", re.IGNORECASE)
_BLOCK_NAMES = (
    "address article aside blockquote br caption center dd details div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hr legend li main nav ol option p pre section summary table "
    "tbody td tfoot th thead title tr ul"
)
_BLOCKS = _BLOCK_NAMES.split()
#: What is in these is not shown as text.
_SILENT = ("script", "style", "template", "noscript", "iframe", "object", "embed", "svg", "math", "select", "button")
#: Of these, whose ends are sure to be where they seem to be.
_HIDING = frozenset({"script", "style", "iframe", "svg"})
#: And in these stands something else than mark-up, or they change where it stands.
_ODD = ("head", "html", "option", "textarea", "title")

_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
#: What some read as a reference and some do not.
_DOUBTFUL = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]*|#[\da-zA-Z]*)(?![A-Za-z0-9;#])")
_QUOTED = re.compile(r"""[^"']*(?:(?:"[^"]*"|'[^']*')[^"']*)*""")
#: It ends at what HTML takes for a space, which is less than Unicode does.
_NAME = re.compile(r"/?[A-Za-z][A-Za-z0-9]*(?=[ \t\f/]|\Z)")
_UNSEEN = re.compile(rf"<({'|'.join(_SILENT)})\b.*?(?:</\1\b|\Z)", re.IGNORECASE | re.DOTALL)
#: What stands for a tag in the text, by its name.
_EDGES = dict.fromkeys(_TAGS, "") | dict.fromkeys(_BLOCKS, "\n")
_EDGES = {name: edge for name, edge in _EDGES.items() if name not in {*_SILENT, *_ODD}}
_EDGES |= {f"/{name}": edge for name, edge in _EDGES.items()}


def text_of_markup(value: str) -> str:
    """The words of HTML, references decoded; what is not to be seen as text is left out."""
    flat = value.replace("\n", " ").replace("\r", " ")
    bare = _without_tags(flat)
    return _read(flat) if bare is None or _DOUBTFUL.search(bare) else decode_references(bare)


def _without_tags(flat: str) -> str | None:
    """Without tags that are as they should be, and without what is not shown; None where that cannot be told easily."""
    first, *pieces = flat.split("<")
    kept, hidden = [first], ""
    for piece in pieces:
        tag, end, after = piece.partition(">")
        if hidden:
            name = _name(tag)
            if name == hidden:  # one inside the other
                return None
            if name == f"/{hidden}":
                hidden = ""
                kept.append(after)
            continue
        edge = _EDGES.get(tag)
        if edge is None and (edge := _edge(tag)) is None:
            hidden = _name(tag)
            if hidden not in _HIDING or not _is_whole(tag) or tag.endswith("/"):
                return None
            continue
        if not end:
            return None
        kept += (edge, after)
    return None if hidden else "".join(kept)


def _edge(tag: str) -> str | None:
    """What stands for a tag that is not bare, or a comment; None where it may not end where it seems to."""
    if tag.startswith("!--"):
        return "" if tag.endswith("--") and len(tag) > 6 else None
    edge = _EDGES.get(_name(tag))
    return edge if edge is not None and _is_whole(tag) else None


def _name(tag: str) -> str:
    found = _NAME.match(tag)
    return found[0].lower() if found else ""


def _is_whole(tag: str) -> bool:
    """Whether its quotes are in order, so that it ends where it seems to."""
    return not ("'" in tag or tag.count('"') % 2) or _QUOTED.fullmatch(tag) is not None


def decode_references(value: str) -> str:
    """The text with HTML's references as the characters they stand for."""
    return _REFERENCE.sub(lambda found: html.unescape(found.group()), value) if "&" in value else value


def _read(flat: str) -> str:
    """As libxml2 reads it."""
    from lxml import etree

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
    return text if text.strip() else decode_references(re.sub(r"<[^<>]{0,2000}>", " ", _UNSEEN.sub("<", flat)))
