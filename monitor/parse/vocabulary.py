"""The elements of RSS, RDF, Atom and the modules beside them: which counts for what, and before which.

It is a table; how an element is read stands in `plain`.
"""

from __future__ import annotations

_XML = "{http://www.w3.org/XML/1998/namespace}"
BASE, LANG = _XML + "base", _XML + "lang"
ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
ATOM = ("http://www.w3.org/2005/Atom", "https://www.w3.org/2005/Atom", "http://purl.org/atom/ns#")
RSS = (
    "",
    "http://purl.org/rss/1.0/",
    "http://purl.org/rss/2.0/",
    "http://purl.org/net/rss1.1#",
    "http://my.netscape.com/rdf/simple/0.9/",
    "http://channel.netscape.com/rdf/simple/0.9/",
    "http://my.netscape.com/publish/formats/rss-0.91.dtd",
    "http://backend.userland.com/rss",
    "http://backend.userland.com/rss2",
    "http://blogs.law.harvard.edu/tech/rss",
)
_DC = ("http://purl.org/dc/elements/1.1/", "http://purl.org/dc/elements/1.0/")
_TERMS = ("http://purl.org/dc/terms/",)
_ITUNES = ("http://www.itunes.com/dtds/podcast-1.0.dtd", "http://www.itunes.com/DTDs/Podcast-1.0.dtd")
_MEDIA = ("http://search.yahoo.com/mrss/", "http://search.yahoo.com/mrss")
_FEEDBURNER = ("http://rssnamespace.org/feedburner/ext/1.0",)
_CONTENT = ("http://purl.org/rss/1.0/modules/content/",)
_XHTML = ("http://www.w3.org/1999/xhtml",)

#: What prefixes mean that a feed uses and forgot to declare; others mean nothing.
PREFIXES = {
    "atom": ATOM[0],
    "content": _CONTENT[0],
    "dc": _DC[0],
    "dcterms": _TERMS[0],
    "feedburner": _FEEDBURNER[0],
    "itunes": _ITUNES[0],
    "media": _MEDIA[0],
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
}

#: (namespaces, element, field, rank): the element with the lowest rank is the field's.
_FIELDS = (
    (RSS + ATOM, "title", "title", 0),
    (_DC, "title", "title", 1),
    (_MEDIA + _ITUNES, "title", "title", 2),
    (RSS, "link", "link", 0),
    (_FEEDBURNER, "origLink", "original", 0),
    (RSS, "guid", "guid", 0),
    (ATOM, "id", "guid", 1),
    (RSS, "description", "summary", 0),
    (ATOM, "summary", "summary", 0),
    (_DC, "description", "summary", 1),
    (RSS, "summary", "summary", 1),
    (_ITUNES, "summary", "summary", 2),
    (_TERMS, "abstract", "summary", 2),
    (_MEDIA, "description", "summary", 3),
    (_ITUNES, "subtitle", "summary", 4),
    (_CONTENT, "encoded", "content", 0),
    (ATOM, "content", "content", 0),
    (_XHTML, "body", "content", 1),
    (RSS, "fullitem", "content", 2),
    (RSS, "content", "content", 3),
    (RSS, "pubDate", "published", 0),
    (RSS, "pubdate", "published", 0),
    (ATOM, "published", "published", 0),
    (ATOM, "issued", "published", 0),
    (_TERMS, "issued", "published", 1),
    (RSS, "published", "published", 1),
    (ATOM, "created", "published", 2),
    (_TERMS, "created", "published", 2),
    (ATOM, "updated", "updated", 0),
    (ATOM, "modified", "updated", 0),
    (_TERMS, "modified", "updated", 0),
    (_DC, "date", "updated", 1),
    (RSS, "updated", "updated", 1),
    (RSS, "modified", "updated", 2),
    (RSS, "lastBuildDate", "updated", 2),
    (RSS, "date", "updated", 2),
    (RSS + ATOM, "source", "source", 0),
    (_DC, "language", "language", 0),
    (RSS, "language", "language", 0),
)
#: Of these an item may have many, and all count.
_LISTS = (
    (ATOM, "link", "links"),
    (RSS + ATOM, "author", "authors"),
    (_DC, "creator", "authors"),
    (_DC, "author", "authors"),
    (_ITUNES, "author", "authors"),
    (RSS + ATOM, "category", "tags"),
    (_DC, "subject", "tags"),
    (_MEDIA, "group", "groups"),
    (_MEDIA, "content", "groups"),
)


def _tag(namespace: str, name: str) -> str:
    return f"{{{namespace}}}{name}" if namespace else name


SINGLE = {_tag(space, name): (part, rank) for spaces, name, part, rank in _FIELDS for space in spaces}
MANY = {_tag(space, name): part for spaces, name, part in _LISTS for space in spaces}
ITEMS = frozenset(_tag(space, name) for space in (*RSS, *ATOM) for name in ("item", "entry"))
ATOM_TAG = tuple(_tag(space, "") for space in ATOM)
ROOTS = frozenset(_tag(space, "rss") for space in RSS)
CHANNELS = frozenset(_tag(space, "channel") for space in RSS)
RSS_LINKS = frozenset(_tag(space, "link") for space in RSS)
RSS_GUIDS = frozenset(_tag(space, "guid") for space in RSS)
MEDIA_DESCRIPTION = tuple(_tag(space, "description") for space in _MEDIA)
MEDIA_TITLE = tuple(_tag(space, "title") for space in _MEDIA)
