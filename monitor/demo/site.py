"""The demo's news site: feeds, pages, a page that is refused, a feed that is down, on a port of 127.0.0.1.

It must not know the program that reads it; it counts the requests, as a publisher would.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from html import escape
from http.server import BaseHTTPRequestHandler
from importlib.resources import files
from string import Template

from monitor.demo.feeds import Issue, document
from monitor.demo.newsroom import BROKEN, OUTLETS, Article
from monitor.demo.server import Server

Answer = tuple[int, str, bytes]  # status, content type, body


class Site(Server):
    """Serves what has been published up to `step`; whoever raises `step` publishes."""

    def __init__(self, articles: Sequence[Article], start: datetime) -> None:
        super().__init__(_Handler)
        self.step = 0
        self.requests: Counter[str] = Counter()  # by path
        self.not_modified = 0
        self._articles = articles
        self._start = start

    def answer(self, path: str) -> Answer:
        """What stands at a path now."""
        if path == "/robots.txt":
            return 200, "text/plain", b"User-agent: *\nAllow: /\n"
        if path == BROKEN:
            return 503, "text/plain", b"the server is being repaired"
        published = [article for article in self._articles if article.step <= self.step]
        for outlet in OUTLETS.values():
            if path == outlet.feed:
                newest = [article for article in reversed(published) if article.outlet is outlet]
                body, content_type = document(Issue(outlet, newest, self.url, self._start, self.step))
                return 200, content_type, body
        found = next((article for article in published if article.path == path), None)
        return self._page(found) if found else (404, "text/plain", b"no such page")

    def _page(self, article: Article) -> Answer:
        if article.page == "refused":
            return 403, "text/plain", b"automated reading is not wanted here"
        if article.page == "none":
            return 404, "text/plain", b"no such page"
        template = files(__package__).joinpath("outlets", f"{article.outlet.key}.html").read_text("utf-8")
        published = article.published(self._start)
        page = Template(template).substitute(
            title=escape(article.title_at(self.step)),
            author=escape(article.author),
            url=self.url + article.path,
            published=published.isoformat(timespec="seconds"),
            date=f"{published:%d.%m.%Y %H:%M}",
            paragraphs="\n      ".join(f"<p>{escape(part)}</p>" for part in article.paragraphs),
        )
        return 200, "text/html", page.encode(article.outlet.codec)


class _Handler(BaseHTTPRequestHandler):
    """GET, with an ETag, so that a polite reader is answered 304."""

    protocol_version = "HTTP/1.1"
    server: Site

    def do_GET(self) -> None:
        status, content_type, body = self.server.answer(self.path)
        etag = f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"'
        if status == 200 and self.headers.get("If-None-Match") == etag:
            status, body = 304, b""
            self.server.not_modified += 1
        self.server.requests[self.path] += 1
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        if status in (200, 304):
            self.send_header("ETag", etag)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the program under show says what happens."""
