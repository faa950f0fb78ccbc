"""A small world on loopback for tests of the whole way: a news site, a webhook, a Slack, a mail server, a clock.

The program runs in this process with its real parts; only the time is scripted.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape
from pathlib import Path
from typing import Any

from monitor.app import App, Round
from monitor.assemble import load_checked
from monitor.store import open_store
from tests.loopback import Page, Reply, Request, Site
from tests.receivers import MailServer, SlackDouble
from tests.stored import ready

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SECRET = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoxMjM0NTY="

CONFIG = """
store: "{store}"
feeds: [feeds.yaml]
watchlists: ["watchlists/*.yaml"]
timezone: UTC
polling: {{per_host_delay: 0s, per_host: 20}}
network: {{allow_private: ["127.0.0.1"]}}
channels:
  hook: {{type: webhook, url: "{hook}", secret: "{secret}"}}
  desk: {{type: slack, url: "{slack}"}}
  boss: {{type: email, server: "{mail}", from: "News monitor <monitor@example.org>", to: [boss@example.org]}}
{more}
"""


class World:
    """What the tests see of it: `site`, `slack`, `mail`, `hooks` received, and `now`, which they set."""

    def __init__(self, folder: Path, site: Site, mail: MailServer, store: str) -> None:
        self.folder = folder
        self.store = store
        self.site = site
        self.mail = mail
        self.slack = SlackDouble(site)
        self.hooks: list[Request] = []
        self.hook_answers: list[Reply] = []
        self.now = START
        self.feeds = [site.url("/feed.xml")]
        self.watchlist = "watches: [drones, Su-35]"
        self.more = ""
        self._items: list[str] = []
        site.pages["/hook"] = self._hook
        self.serve()

    @property
    def store_url(self) -> str:
        """The store as others would open it."""
        return self.store.replace("sqlite:///monitor.db", f"sqlite:///{self.folder}/monitor.db")

    def _hook(self, request: Request) -> Reply:
        self.hooks.append(request)
        return self.hook_answers.pop(0) if self.hook_answers else Reply(204)

    def publish(self, name: str, title: str, text: str, *, page: Page | None = None, age_h: float = 0.0) -> None:
        """A new article in /feed.xml, with its page unless another reply is given."""
        url = self.site.url(f"/{name}")
        date = format_datetime(self.now - timedelta(hours=age_h))
        self._items.insert(
            0, f"<item><title>{escape(title)}</title><link>{url}</link><guid>{url}</guid><pubDate>{date}</pubDate>"
            f"<description>{escape(text[:80])}…</description></item>"
        )  # fmt: skip
        self.site.pages[f"/{name}"] = page if page is not None else article_page(title, text)
        self.serve()

    def serve(self, path: str = "/feed.xml", title: str = "Example News") -> None:
        items = "".join(self._items)
        home = self.site.url("/")
        self.site.pages[path] = (
            f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
            f"<title>{title}</title><link>{home}</link>"
            f"<description>news</description>{items}</channel></rss>"
        )

    def write(self) -> Path:
        """The configuration as files; the main file's path."""
        (self.folder / "watchlists").mkdir(exist_ok=True)
        (self.folder / "watchlists" / "arms.yaml").write_text(self.watchlist)
        (self.folder / "feeds.yaml").write_text("feeds:\n" + "".join(f'  - "{url}"\n' for url in self.feeds))
        main = self.folder / "monitor.yaml"
        main.write_text(
            CONFIG.format(
                store=self.store,
                hook=self.site.url("/hook"),
                secret=SECRET,
                slack=self.slack.hook,
                mail=self.mail.url("smtp"),
                more=self.more if "web:" in self.more else f"{self.more}\nweb: {{listen: null}}",
            )
        )
        return main

    async def open(self) -> App:
        """The program as a new process would start it."""
        config = load_checked(str(self.write()))
        app = App(config, open_store(ready(config.store), create=True), clock=lambda: self.now, chance=lambda: 0.5)
        await app.begin()
        return app

    def round(self, *, is_all: bool = True, minutes: float = 10) -> Round:
        """One round as a process of its own would run it, ten minutes after the one before."""

        async def once() -> Round:
            app = await self.open()
            try:
                return await app.once(is_all=is_all)
            finally:
                await app.close()

        self.now += timedelta(minutes=minutes)
        return asyncio.run(once())

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(request.body) for request in self.hooks]

    def mails(self) -> list[EmailMessage]:
        return [received.mail for received in self.mail.received]


@contextmanager
def world(folder: Path, store: str = "sqlite:///monitor.db") -> Iterator[World]:
    with Site() as site, MailServer() as mail:
        yield World(folder, site, mail, store)


def article_page(title: str, text: str) -> str:
    """A page as news sites have them: navigation, the article, a sidebar."""
    paragraphs = "".join(f"<p>{escape(part)}</p>" for part in text.split("\n") if part.strip())
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        f"<title>{escape(title)} - Example News</title></head><body>"
        "<nav><a href='/'>Home</a> <a href='/world'>World</a> <a href='/sport'>Sport</a></nav>"
        f"<main><article><h1>{escape(title)}</h1>{paragraphs}</article></main>"
        "<aside><h2>Most read</h2><ul><li>Weather</li></ul></aside><footer>Imprint</footer></body></html>"
    )
