"""Sources with ways of their own: what is never fetched, what is read from the feed alone, what has parts.

Pure: a table and what it says of an address; it must not fetch.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

from monitor.model import Entry, Feed

#: Sitemaps of an index that are polled with it: the newest. Older ones hold what earlier polls have seen.
MOST_PARTS = 5
#: Letters below which a post joins a story only as a copy or by its address.
SHORT_POST = 200
_NEVER = datetime.min.replace(tzinfo=UTC)

#: Pages that give no article and ask a program to stay away: Google News' redirectors and consent pages.
_CLOSED = re.compile(
    r"https?://(?:news\.google\.[a-z.]+/(?:rss/)?(?:articles|read|__i/rss/rd/articles)/|consent\.(?:google|youtube|yahoo)\.)",
    re.IGNORECASE,
)
_PROXIES = re.compile(
    r"https?://(?:feedproxy\.google\.com|feeds\d?\.feedburner\.com|(?:[\w-]+\.)?feedsportal\.com|rss\.feedspot\.com)/",
    re.IGNORECASE,
)

#: Feeds whose items are whole posts, or whose pages are an application: their own text is all there is.
#: (host, a pattern of path and query); "" matches any host, as Mastodon runs everywhere.
_POSTS = (
    (r"(?:.+\.)?youtube\.com", r"/feeds/videos\.xml"),
    (r"(?:.+\.)?reddit\.com", r"/.*\.(?:rss|xml)\b|/\.rss"),
    (r"(?:.+\.)?bsky\.app", r"/profile/[^/]+/rss"),
    ("", r"/@[\w.\-]+(?:@[\w.\-]+)?\.rss|/users/[\w.\-]+\.(?:rss|atom)|/tags/[^/]+\.rss"),  # Mastodon and its kin
    ("", r"/telegram/channel/|.*[?&]bridge=Telegram(?:Bridge)?\b"),  # RSSHub, RSS-Bridge
    (r"(?:.+\.)?(?:tg\.i-c-a\.su|t\.me)", r"/(?:rss|s)/"),
)
_POSTS_AT = tuple((re.compile(host), re.compile(place, re.IGNORECASE)) for host, place in _POSTS)
_NEWS = re.compile(r"(?<![a-z])news(?![a-z])|googlenews|newssitemap|sitemapnews", re.IGNORECASE)
_BRIDGE_ERROR = re.compile(r"\A(?:Bridge returned error|RSSHub.{0,20}error|Error \d{3} .{0,40}Bridge)", re.IGNORECASE)


def has_credentials(feed: Feed) -> bool:
    """Whether the feed is asked with something of the user's, given for its configured address alone."""
    return bool(feed.headers or feed.user or feed.key != feed.url)


def is_closed(url: str | None) -> bool:
    """Whether the page is never asked for: it is a redirector or a consent wall, and only the headline counts."""
    return bool(url and _CLOSED.match(url))


def behind(url: str, answered: str) -> str | None:
    """The article's own address where a feed proxy led to it, else None.

    Only of proxies that are known: elsewhere a redirect may lead every article to one login or consent page.
    """
    there = urlsplit(answered)
    is_own = there.path not in ("", "/") or bool(there.query)
    if not _PROXIES.match(url) or _PROXIES.match(answered) or is_closed(answered) or not is_own:
        return None
    return answered


def is_posts(url: str) -> bool:
    """Whether the feed's items are posts, so that `read: auto` is `read: feed` (Mastodon, YouTube, Reddit, …)."""
    parts = urlsplit(url)
    host, place = (parts.hostname or "").lower(), f"{parts.path}?{parts.query}"
    return any((not hosts.pattern or hosts.fullmatch(host)) and places.match(place) for hosts, places in _POSTS_AT)


def is_short_post(feed_url: str, text: str) -> bool:
    """Whether it says too little to be a report of an event: in few words everything is like everything."""
    return len(text) < SHORT_POST and is_posts(feed_url)


def bridge_error(entries: Sequence[Entry]) -> str:
    """What a bridge says instead of items, or "": it fails with an item that tells of the failure."""
    return next((entry.title for entry in entries if _BRIDGE_ERROR.match(entry.title)), "")


def news_sitemaps(urls: Iterable[str]) -> list[str]:
    """Of the sitemaps that a robots.txt names, those of news, by their addresses."""
    return [url for url in dict.fromkeys(urls) if _NEWS.search(urlsplit(url).path)]


def newest_parts(entries: Sequence[Entry], most: int = MOST_PARTS) -> tuple[str, ...]:
    """The addresses of an index's newest sitemaps: by date; where there is none, those of news first."""

    def rank(entry: Entry) -> tuple[datetime, bool]:
        return entry.updated or entry.published or _NEVER, "news" in (entry.url or "").lower()

    dated = sorted((entry for entry in entries if entry.url), key=rank, reverse=True)
    return tuple(dict.fromkeys(entry.url for entry in dated if entry.url))[:most]
