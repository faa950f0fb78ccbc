"""The pages in a real headless Chromium: nothing that is hostile runs, nothing is inaccessible, forms and keys work.

Skipped where there is no Chromium. With SCREENSHOTS=FOLDER every page is kept as a picture, in light, dark and narrow.
"""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from monitor.shortid import encode
from monitor.web.server import Server
from tests.stocked import hostile_title, stock
from tests.web_clients import NOW, PASSWORD, Web, pages

playwright = pytest.importorskip("playwright.async_api")
axe = pytest.importorskip("axe_playwright_python.async_playwright")
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")

PATHS = {
    "now": "/",
    "watches": "/watches",
    "watch": "/watches/Arms%2Fdrones",
    "feeds": "/feeds",
    "feed": "/feeds/2",
    "archive": "/archive",
    "deliveries": "/deliveries",
    "story": f"/stories/{encode('S', 8)}",
    "article": f"/articles/{encode('N', 16)}",
    "try": "/try",
}
WITHOUT_STORE = ("now", "watches", "watch", "feeds", "archive", "deliveries", "try")
#: Pages that together have everything, and those that have every colour: a judgment takes a second.
JUDGED = ("now", "watch", "feeds", "search", "deliveries", "article", "try")
JUDGED_DARK = ("now", "deliveries")
VIEWS = {"light": (1200, 900, "light"), "dark": (1200, 900, "dark"), "phone": (390, 800, "light")}


@dataclass
class Chromium:
    """A browser before the pages. `troubles` are scripts, errors and requests that should not have been."""

    web: Web
    context: Any
    base: str
    troubles: list[str]

    async def page(self) -> Any:
        page = await self.context.new_page()
        page.on("dialog", lambda dialog: self.troubles.append(f"dialog: {dialog.message}"))
        page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))
        page.on("console", lambda said: self.troubles.append(said.text) if said.type == "error" else None)
        page.on("request", lambda asked: self._asked(asked.url))
        return page

    def _asked(self, url: str) -> None:
        if not url.startswith(self.base):
            self.troubles.append(f"asked elsewhere: {url}")


@asynccontextmanager
async def chromium(folder: Path, *, password: str | None = None) -> AsyncIterator[Chromium]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    async with pages(folder, password=password) as web, playwright.async_playwright() as play:
        server = Server(web.door, f"127.0.0.1:{port}")
        assert await server.start()
        started = await play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            context = await started.new_context()
            yield Chromium(web, context, f"http://127.0.0.1:{port}", [])
        finally:
            await started.close()
            await server.stop()


async def violations(page: Any) -> list[str]:
    """What axe finds against the rules of WCAG and good practice."""
    found = await axe.Axe().run(page)
    return [f"{one['id']}: {node['html'][:160]}" for one in found.response["violations"] for node in one["nodes"][:2]]


async def keep(page: Any, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        await page.screenshot(path=f"{folder}/{name}.png")


async def test_no_page_is_hostile_inaccessible_or_too_wide(tmp_path: Path) -> None:
    """Every field that a feed controls holds an attack; light and dark are judged, and the width of a phone."""
    async with chromium(tmp_path) as here:
        stock(here.web.app.store.store, NOW, articles=16, title=hostile_title)
        await here.web.app.indexer.catch_up()
        page = await here.page()
        for name, path in [*PATHS.items(), ("search", "/archive?q=Su-35"), ("wrong", "/archive?q=(")]:
            await page.goto(here.base + path)
            assert await page.locator("script").count() == 1, name
            for view, (width, height, scheme) in VIEWS.items():
                await page.set_viewport_size({"width": width, "height": height})
                await page.emulate_media(color_scheme=scheme)
                assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is too wide"
                if name in {"light": JUDGED, "dark": JUDGED_DARK}.get(view, ()):
                    assert await violations(page) == [], (name, view)
                await keep(page, f"hostile-{name}-{view}")
        assert here.troubles == []


async def test_pages_of_an_empty_store_say_what_to_do(tmp_path: Path) -> None:
    async with chromium(tmp_path) as here:
        page = await here.page()
        for name in WITHOUT_STORE:
            await page.goto(here.base + PATHS[name])
            if name == "now":
                assert await violations(page) == [], name
            await keep(page, f"empty-{name}")
        assert here.troubles == []


async def test_reading_judging_muting_and_logging_in(tmp_path: Path) -> None:
    """The way of a person, by keyboard where a person would use it."""
    async with chromium(tmp_path, password=PASSWORD) as here:
        stock(here.web.app.store.store, NOW)
        page = await here.page()
        await page.goto(here.base)
        assert await violations(page) == []
        await page.keyboard.type(PASSWORD)  # the field has the focus
        await page.keyboard.press("Enter")
        await page.wait_for_url(here.base + "/")
        first = page.locator(".story").first
        await first.get_by_role("button", name="Not relevant").click()
        await page.get_by_role("status").get_by_text("Marked as not relevant").wait_for()
        await page.locator(".story").first.get_by_text("marked not relevant").wait_for()
        await page.locator(".story").first.get_by_role("button", name="Mute story").click()
        await page.get_by_text("Muted for seven days").wait_for()
        await page.locator(".story").first.get_by_role("link", name="Why").click()
        await page.get_by_text("Muted until").wait_for()
        await page.keyboard.press("/")
        await page.keyboard.type("drone")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/archive?q=drone")
        await page.get_by_role("button", name="Log out").click()
        await page.wait_for_url("**/login")
        assert here.troubles == []


async def test_without_javascript_filters_and_trying_work(tmp_path: Path) -> None:
    async with chromium(tmp_path) as here:
        stock(here.web.app.store.store, NOW)
        context = await here.context.browser.new_context(java_script_enabled=False)
        page = await context.new_page()
        await page.goto(here.base)
        await page.get_by_label("Watch").select_option("Arms/Su-35")
        await page.get_by_role("button", name="Filter").click()
        assert await page.locator(".story").count() == 5
        await page.goto(here.base + "/try")
        await page.get_by_label("A text, or an address").fill("Three drones over the harbour.")
        await page.get_by_role("button", name="Try", exact=True).click()
        await page.get_by_text("1 watch finds something").wait_for()
        assert await page.locator(".cut mark").all_inner_texts() == ["drones"]


async def test_an_open_page_is_told_of_what_is_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy import text

    monkeypatch.setattr("monitor.web.streams.LOOKS_EVERY_S", 0.05)
    async with chromium(tmp_path) as here:
        stock(here.web.app.store.store, NOW)
        page = await here.page()
        await page.goto(here.base)
        with here.web.app.store.store.write() as connection:
            connection.execute(
                text(
                    "INSERT INTO hits (article_id, watchlist, watch, evidence, found_at) "
                    "SELECT 1, watchlist, watch, evidence, found_at + 1 FROM hits LIMIT 1"
                )
            )
        await page.get_by_role("link", name="1 story is new").click()
        assert await page.locator(".story").count() == 11
        assert here.troubles == []
