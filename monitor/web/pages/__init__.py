"""All pages, one file each: a function from a read transaction and a request to the values of its template.

What a page shows is read here and decided nowhere; a page that is not in the table does not exist.
"""

from __future__ import annotations

from collections.abc import Mapping

from monitor.web.pages import archive, article, deliveries, feeds, now, standing, story, trial, watches
from monitor.web.pages.page import Page

#: By address, in the order of the navigation.
PAGES: Mapping[str, Page] = {
    "/": Page("now.html", "Now", now.read),
    "/watches": Page("watches.html", "Watches", watches.read),
    "/watches/{watch:path}": Page("watch.html", "Watches", watches.read_one),
    "/feeds": Page("feeds.html", "Feeds", feeds.read),
    "/feeds/{id:row}": Page("feed.html", "Feeds", feeds.read_one),
    "/archive": Page("archive.html", "Archive", archive.read),
    "/deliveries": Page("deliveries.html", "Deliveries", deliveries.read),
    "/stories/{id}": Page("story.html", "Now", story.read),
    "/articles/{id}": Page("article.html", "Archive", article.read),
    "/try": Page("try.html", "Watches", trial.read),
}

__all__ = ["PAGES", "Page", "standing"]
