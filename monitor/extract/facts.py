"""What a page says about itself: headline, author, site and day, by trafilatura's own readers of these.

Its one reader of everything also searches the whole page for tags, categories and licences, which nobody here asks
for: a tenth of all its work. It must not fetch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from monitor.extract.structured import add_structured


@dataclass(frozen=True, slots=True)
class Facts:
    """`day` is YYYY-MM-DD, where metadata or the text tell one."""

    title: str = ""
    author: str | None = None
    site: str | None = None
    day: str | None = None


def facts_of(tree: Any, url: str, *, with_day: bool) -> Facts:
    """The facts of a page (an lxml tree, which is left as it is), in the order in which trafilatura trusts its sources.

    Raises anything on hostile input. A day is looked for only on request: it takes longest.
    """
    from trafilatura import metadata

    read: Any = metadata
    found = read.examine_meta(tree)
    if found.author and " " not in found.author:
        found.author = None
    add_structured(tree, found)
    found.title = found.title or read.extract_title(tree)
    found.author = found.author or read.extract_author(tree)
    address = found.url or read.extract_url(tree, url)
    found.sitename = (found.sitename or read.extract_sitename(tree) or urlsplit(address or "").netloc).lstrip("@")
    found.date = read.find_date(tree, **{**read.set_date_params(), "url": address}) if with_day else None
    found.clean_and_trim()
    return Facts(found.title or "", found.author or None, found.sitename or None, found.date)
