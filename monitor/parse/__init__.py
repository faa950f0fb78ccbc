"""From the bytes of a feed document to a ParsedFeed: RSS, RDF, Atom, JSON Feed, news sitemaps.

It reads bytes only and must never open a path or an address; whatever is not a feed ends in one ParseFailed.
"""

from monitor.parse.discovery import FeedLink, discover
from monitor.parse.reader import MAX_ENTRIES, parse_feed

__all__ = ["MAX_ENTRIES", "FeedLink", "discover", "parse_feed"]
