"""The page of a service that is not running: a stocked store, the real pages, and a client that speaks to them.

Nothing listens; requests go through the whole door in this process.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from monitor.app import App
from monitor.config import load
from monitor.store import open_store
from monitor.web.desk import Desk
from monitor.web.door import Door
from monitor.web.keys import Keys
from monitor.web.site import door
from tests.stored import ready

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOST = "127.0.0.1:8484"
PASSWORD = "a long walk at low tide"

CONFIG = """
store: sqlite:///monitor.db
feeds: [feeds.yaml]
watchlists: ["watchlists/*.yaml"]
timezone: UTC
channels:
  desk: {{type: webhook, url: "https://desk.example.org/hook"}}
  boss: {{type: webhook, url: "https://boss.example.org/hook"}}
{web}
"""


class Clock:
    """The service's time, set by tests."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **more: float) -> None:
        self.now += timedelta(**more)


@dataclass
class Web:
    """The page under test. `person` asks as a browser would that is logged in, if there is a password."""

    app: App
    desk: Desk
    door: Door
    clock: Clock

    def client(self, **headers: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=self.door, client=("192.0.2.7", 4444))
        return httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}", headers=headers)

    def person(self) -> httpx.AsyncClient:
        client = self.client(accept="text/html", origin=f"http://{HOST}")
        client.cookies.set("monitor", self.cookie(), domain="127.0.0.1")
        return client

    def cookie(self) -> str:
        return self.desk.keys.cookie(self.desk.keys.begin(self.clock(), is_known=True))

    def form(self, client: httpx.AsyncClient, **fields: str) -> dict[str, str]:
        """A form of the page that the client was given."""
        visitor = self.desk.keys.visitor(client.cookies["monitor"], self.clock())
        assert visitor
        return {"form": self.desk.keys.form(visitor)} | fields


def write_config(folder: Path, *, web: str = "", watchlist: str = "name: Arms\nwatches: [drones, Su-35]") -> Path:
    (folder / "watchlists").mkdir(exist_ok=True)
    (folder / "watchlists" / "arms.yaml").write_text(watchlist, "utf-8")
    feeds = "".join(f'  - "https://feed{number}.example.org/rss.xml"\n' for number in range(1, 5))
    (folder / "feeds.yaml").write_text("feeds:\n" + feeds)
    main = folder / "monitor.yaml"
    main.write_text(CONFIG.format(web=web))
    return main


@asynccontextmanager
async def pages(folder: Path, *, password: str | None = None, web: str = "") -> AsyncIterator[Web]:
    """The page over the store in `folder`, made if there is none."""
    if password:
        web = f'web: {{password: "{password}"}}'
    config = load(str(write_config(folder, web=web)))
    clock = Clock()
    app = App(config, open_store(ready(config.store), create=False), clock=clock)
    desk = Desk(app, Keys(b"k" * 32, config.settings.web.password))
    try:
        yield Web(app, desk, door(desk), clock)
    finally:
        desk.close()
        await app.close()
