"""What a gap may have swallowed: the articles that a site's news sitemaps list for the time between two polls.

It asks at most a robots.txt and a few sitemaps, and stores nothing; a sitemap that fails leaves the gap as it is.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from monitor import sources
from monitor.errors import Failure
from monitor.gather import Gatherer
from monitor.model import Entry, Feed, ParsedFeed
from monitor.urls import display

log = logging.getLogger(__name__)

#: Documents asked for a gap, articles taken from them, and the time that all of it may take.
MOST_SITEMAPS = 3
MOST_ARTICLES = 200
PATIENCE_S = 20.0
#: Clocks of sites and dates of articles are not exact.
SLACK = timedelta(hours=1)


async def from_sitemaps(gatherer: Gatherer, shown: ParsedFeed, since: datetime, now: datetime) -> tuple[Entry, ...]:
    """Articles of the feed's own part of the site from between its last good poll and now; none where none is known."""
    home = Counter(_place(entry.url)[0] for entry in shown.entries if entry.url).most_common(1)
    if not home:
        return ()
    found: list[Entry] = []
    try:
        async with asyncio.timeout(PATIENCE_S):
            urls = list(sources.news_sitemaps(await gatherer.fetcher.sitemaps(home[0][0])))[:MOST_SITEMAPS]
            for _ in range(MOST_SITEMAPS):
                if not urls:
                    break
                parsed = await gatherer.parse(await gatherer.fetcher.feed(Feed(urls.pop(0))))
                if parsed.kind == "sitemap-index":
                    urls[:0] = sources.newest_parts(parsed.entries, MOST_SITEMAPS)
                else:
                    found += parsed.entries
    except (Failure, TimeoutError) as error:
        log.info("no sitemap of %s closes the gap: %s", display(home[0][0]), error)
    return between(found, shown.entries, since - SLACK, now + SLACK)


def between(listed: Sequence[Entry], shown: Sequence[Entry], since: datetime, until: datetime) -> tuple[Entry, ...]:
    """The listed articles of that time that stand where the feed's own do: a feed of a section gets no other's."""
    places = {_place(entry.url) for entry in shown if entry.url}
    fit = (
        entry
        for entry in listed
        if entry.published is not None and since <= entry.published <= until and _place(entry.url) in places
    )
    return tuple(sorted(fit, key=lambda entry: entry.published or since, reverse=True)[:MOST_ARTICLES])


def _place(url: str | None) -> tuple[str, str]:
    """The site, and its section where the address has one (/world/…, but not /an-article)."""
    parts = urlsplit(url or "")
    first, has_more, _ = parts.path.lstrip("/").partition("/")
    return f"{parts.scheme}://{parts.netloc}/", first if has_more else ""
