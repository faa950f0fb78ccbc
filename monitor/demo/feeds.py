"""The demo's feeds as their publishers would write them: RSS 2.0, Atom, JSON Feed, RSS in windows-1251.

It must not share code with the program's parsers, which are what the demo shows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

from monitor.demo.newsroom import Article, Outlet


@dataclass(frozen=True, slots=True)
class Issue:
    """What a feed shows at a step: its articles, newest first, the site's address and when the demo began."""

    outlet: Outlet
    articles: Sequence[Article]
    site: str
    start: datetime
    step: int

    def link(self, article: Article) -> str:
        return self.site + article.path

    def published(self, article: Article) -> datetime:
        return article.published(self.start).astimezone(UTC)

    def title(self, article: Article) -> str:
        return article.title_at(self.step)


def document(issue: Issue) -> tuple[bytes, str]:
    """The feed's bytes and their content type."""
    write, content_type = _WRITERS[issue.outlet.kind]
    return write(issue).encode(issue.outlet.codec), content_type


def _rss(issue: Issue) -> str:
    items = "".join(
        f"""
    <item>
      <title>{escape(issue.title(article))}</title>
      <link>{issue.link(article)}</link>
      <guid isPermaLink="false">{issue.outlet.key}-{article.key}</guid>
      <description>{escape(article.summary)}</description>
      <pubDate>{format_datetime(issue.published(article))}</pubDate>
    </item>"""
        for article in issue.articles
    )
    return f"""<?xml version="1.0" encoding="{_declared(issue)}"?>
<rss version="2.0">
  <channel>
    <title>{escape(issue.outlet.name)}</title>
    <link>{issue.site}/{issue.outlet.key}/</link>
    <description>{escape(issue.outlet.name)}</description>
    <language>{issue.outlet.language}</language>{items}
  </channel>
</rss>
"""


def _declared(issue: Issue) -> str:
    return "windows-1251" if issue.outlet.codec == "cp1251" else issue.outlet.codec


def _atom(issue: Issue) -> str:
    entries = "".join(
        f"""
  <entry>
    <title>{escape(issue.title(article))}</title>
    <link href="{issue.link(article)}"/>
    <id>tag:gazette.example,2026:{article.key}</id>
    <author><name>{escape(article.author)}</name></author>
    <published>{_iso(issue.published(article))}</published>
    <updated>{_iso(issue.published(article))}</updated>
    <summary>{escape(article.summary)}</summary>
  </entry>"""
        for article in issue.articles
    )
    return f"""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{issue.outlet.language}">
  <title>{escape(issue.outlet.name)}</title>
  <id>tag:gazette.example,2026:feed</id>
  <link rel="self" href="{issue.site}{issue.outlet.feed}"/>
  <updated>{_iso(issue.start.astimezone(UTC))}</updated>{entries}
</feed>
"""


def _json(issue: Issue) -> str:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": issue.outlet.name,
        "feed_url": issue.site + issue.outlet.feed,
        "items": [_json_item(issue, article) for article in issue.articles],
    }
    return json.dumps(feed, ensure_ascii=False, indent=2)


def _json_item(issue: Issue, article: Article) -> dict[str, object]:
    item: dict[str, object] = {
        "id": article.key,
        "url": issue.link(article),
        "title": issue.title(article),
        "summary": article.summary,
        "date_published": _iso(issue.published(article)),
    }
    if article.page == "none":
        item["content_html"] = "".join(f"<p>{escape(part)}</p>" for part in article.paragraphs)
    return item


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


_WRITERS: dict[str, tuple[Callable[[Issue], str], str]] = {
    "RSS 2.0": (_rss, "application/rss+xml"),
    "RSS in windows-1251": (_rss, "text/xml"),  # no charset: the declaration has to be believed
    "Atom": (_atom, "application/atom+xml; charset=utf-8"),
    "JSON Feed": (_json, "application/feed+json"),
}
